package io.taxistream.embeddedkinesis;

/** A rate limit that lets a second's worth through at once and may be driven into debt; not thread-safe. */
final class TokenBucket {

    private final double perSecond;
    private double tokens;
    private long refilledMillis;

    TokenBucket(double perSecond, long nowMillis) {
        this.perSecond = perSecond;
        this.tokens = perSecond;
        this.refilledMillis = nowMillis;
    }

    boolean has(long wanted, long nowMillis) {
        refill(nowMillis);
        return tokens >= wanted;
    }

    /** Takes tokens whether there are enough or not; what is missing has to flow in before {@link #has} is true again. */
    void take(long taken) {
        tokens -= taken;
    }

    boolean tryTake(long wanted, long nowMillis) {
        if (!has(wanted, nowMillis)) {
            return false;
        }
        take(wanted);
        return true;
    }

    private void refill(long nowMillis) {
        if (nowMillis > refilledMillis) {
            tokens = Math.min(perSecond, tokens + (nowMillis - refilledMillis) * perSecond / 1_000);
            refilledMillis = nowMillis;
        }
    }
}
