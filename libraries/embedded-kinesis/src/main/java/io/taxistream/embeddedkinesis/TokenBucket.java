package io.taxistream.embeddedkinesis;

/** Token bucket rate limiter that allows a burst of one second and can go into debt. Not thread-safe. */
final class TokenBucket {

    private final double perSecond;
    private double tokens;
    private long refilledMillis;

    TokenBucket(double perSecond, long nowMillis) {
        this.perSecond = perSecond;
        this.tokens = perSecond;
        this.refilledMillis = nowMillis;
    }

    boolean has(long amount, long nowMillis) {
        refill(nowMillis);
        return tokens >= amount;
    }

    /** Takes tokens even if there are not enough; {@link #has} returns false until the debt is repaid. */
    void take(long taken) {
        tokens -= taken;
    }

    boolean tryTake(long amount, long nowMillis) {
        if (!has(amount, nowMillis)) {
            return false;
        }
        take(amount);
        return true;
    }

    private void refill(long nowMillis) {
        if (nowMillis > refilledMillis) {
            tokens = Math.min(perSecond, tokens + (nowMillis - refilledMillis) * perSecond / 1_000);
            refilledMillis = nowMillis;
        }
    }
}
