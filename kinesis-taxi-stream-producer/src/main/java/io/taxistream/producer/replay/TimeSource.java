package io.taxistream.producer.replay;

import java.util.concurrent.TimeUnit;

/** The clock of the machine and the way to wait for it; what a test replaces. */
public interface TimeSource {

    /** Wall-clock time, milliseconds since the epoch. */
    long millis();

    /** A time that only ever goes on, nanoseconds since some origin. */
    long nanoTime();

    /** Waits for about so long, or shorter. */
    void sleep(long nanos) throws InterruptedException;

    /** The machine's own. */
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
