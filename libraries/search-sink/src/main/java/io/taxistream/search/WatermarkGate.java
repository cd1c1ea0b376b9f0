package io.taxistream.search;

import java.time.Duration;
import java.util.Arrays;

/**
 * Decides whether the documents before a watermark are sent at once or wait for the flush interval.
 *
 * <p>Results of windows come in bursts that end with a watermark. While bursts are rare, nothing is gained by waiting
 * after one. If there are more than {@value #BURSTS_PER_INTERVAL} in a flush interval, they share requests as the interval
 * has it, so that the number of requests does not rise with the number of watermarks.
 */
final class WatermarkGate {

    private static final int BURSTS_PER_INTERVAL = 3;

    private final long intervalMillis;
    private final long[] lastMillis = new long[BURSTS_PER_INTERVAL];
    private int oldest;

    WatermarkGate(Duration flushInterval) {
        this.intervalMillis = flushInterval.toMillis();
        Arrays.fill(lastMillis, Long.MIN_VALUE / 2);
    }

    /** Called at each watermark that follows documents; says whether to send them now. */
    boolean opens(long nowMillis) {
        boolean rare = nowMillis - lastMillis[oldest] >= intervalMillis;
        lastMillis[oldest] = nowMillis;
        oldest = (oldest + 1) % lastMillis.length;
        return rare;
    }
}
