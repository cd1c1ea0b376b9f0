package io.taxistream.producer.replay;

/**
 * Progress of a sink.
 *
 * @param sent events accepted
 * @param inFlight events sent that have not arrived yet
 * @param retried failed attempts to deliver an event that were repeated
 * @param watermarkMillis watermark that has arrived in every shard, milliseconds since the epoch; {@link #NO_WATERMARK} before
 *     the first
 */
public record SinkStatus(long sent, long inFlight, long retried, long watermarkMillis) {

    /** Value of {@link #watermarkMillis} before the first watermark has arrived. */
    public static final long NO_WATERMARK = Long.MIN_VALUE;
}
