package io.taxistream.eventtime.sender;

import java.util.concurrent.TimeUnit;

/** The clock of the machine and the way to wait for it; what a test replaces. */
interface TimeSource {

    /** The machine's own. */
    TimeSource SYSTEM = new TimeSource() {
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

    /** Wall-clock time, milliseconds since the epoch. */
    long millis();

    /** A time that never goes back, nanoseconds since some origin. */
    long nanoTime();

    /** Waits for about this long, or shorter. */
    void sleep(long nanos) throws InterruptedException;
}
