package io.taxistream.search;

import java.time.Duration;
import java.util.Arrays;

/**
 * Decides whether the documents before a watermark are sent immediately or wait for the flush interval.
 *
 * <p>Window results come in bursts that end with a watermark. While bursts are rare, waiting after one has no benefit. If there
 * are more than {@value #BURSTS_PER_INTERVAL} within a flush interval, they share requests, so that the number of requests does
 * not grow with the number of watermarks.
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

    /** Returns whether to send the documents before this watermark now. Called for each watermark that follows documents. */
    boolean opens(long nowMillis) {
        boolean rare = nowMillis - lastMillis[oldest] >= intervalMillis;
        lastMillis[oldest] = nowMillis;
        oldest = (oldest + 1) % lastMillis.length;
        return rare;
    }
}
