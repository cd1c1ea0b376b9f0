package io.taxistream.eventtime.sender;

import io.taxistream.eventtime.PartWatermarks;

/**
 * Snapshot of a sender's progress.
 *
 * @param sent number of events sent
 * @param inFlight number of events from the first unacknowledged one to the last; the first {@code sent - inFlight} events have
 *     all arrived
 * @param retried number of failed delivery attempts that were retried
 * @param watermarkMillis watermark that has arrived in every open shard, in milliseconds since the epoch; {@link
 *     PartWatermarks#NO_WATERMARK} before the first
 */
public record SenderStatistics(long sent, long inFlight, long retried, long watermarkMillis) {}
