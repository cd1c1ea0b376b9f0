package io.taxistream.eventtime.sender;

import io.taxistream.eventtime.PartWatermarks;

/**
 * How far a sender has come, at one moment.
 *
 * @param sent number of events sent
 * @param inFlight number of events from the first that is not acknowledged to the last sent; so the first {@code sent -
 *     inFlight} events have all arrived
 * @param retried number of attempts to deliver an event that failed and were made again
 * @param watermarkMillis the watermark that has arrived in every open shard, milliseconds since the epoch; {@link
 *     PartWatermarks#NO_WATERMARK} before the first
 */
public record SenderStatistics(long sent, long inFlight, long retried, long watermarkMillis) {}
