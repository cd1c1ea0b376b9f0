package io.taxistream.eventtime.sender;

/** A clock that only goes on when somebody sleeps, and does something whenever it does. */
final class FakeTime implements TimeSource {

    private long nanos = 1_000_000_000L;
    private Runnable onSleep = () -> {};

    void onSleep(Runnable action) {
        onSleep = action;
    }

    @Override
    public long millis() {
        return nanos / 1_000_000;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public void sleep(long sleepNanos) {
        nanos += sleepNanos;
        onSleep.run();
    }
}
