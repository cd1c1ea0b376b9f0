package io.taxistream.producer.replay;

import java.util.concurrent.TimeUnit;

/** The clock of the machine and a way to wait for it; replaced in tests. */
public interface TimeSource {

    /** Returns the wall-clock time in milliseconds since the epoch. */
    long millis();

    /** Returns a monotonic time in nanoseconds since an arbitrary origin. */
    long nanoTime();

    /** Sleeps for about the given time, or less. */
    void sleep(long nanos) throws InterruptedException;

    /** Returns the time source of the machine. */
    static TimeSource system() {
        return new TimeSource() {
            @Override
            public long millis() {
                return System.currentTimeMillis();
            }

            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void sleep(long nanos) throws InterruptedException {
                TimeUnit.NANOSECONDS.sleep(nanos);
            }
        };
    }
}
