package io.taxistream.producer.replay;

/**
 * How far a sink has come.
 *
 * @param sent events taken
 * @param inFlight events that have been sent and have not arrived yet
 * @param retried attempts to deliver an event that failed and were made again
 * @param watermarkMillis the watermark that has arrived everywhere, milliseconds since the epoch; {@link #NO_WATERMARK}
 *     before the first
 */
public record SinkStatus(long sent, long inFlight, long retried, long watermarkMillis) {

    /** Stands for a watermark that has not been sent yet. */
    public static final long NO_WATERMARK = Long.MIN_VALUE;
}
