package io.taxistream.eventtime.sender;

import java.util.concurrent.TimeUnit;

/** Clock and sleep, replaceable in tests. */
interface TimeSource {

    /** System clock. */
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

    /** Returns the wall-clock time in milliseconds since the epoch. */
    long millis();

    /** Returns a monotonic time in nanoseconds since an arbitrary origin. */
    long nanoTime();

    /** Sleeps for about this long, or less. */
    void sleep(long nanos) throws InterruptedException;
}
