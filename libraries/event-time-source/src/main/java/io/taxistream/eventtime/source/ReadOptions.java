package io.taxistream.eventtime.source;

import java.io.Serializable;
import java.time.Duration;

/**
 * How, how often and how much is read; {@link KinesisSource.Builder} explains the fields and holds the defaults.
 *
 * @param consumer how shards are read
 * @param pollInterval between the starts of two reads of a shard
 * @param maxRecordsPerRead Kinesis records, not user records
 * @param maxReadThreads of one reader
 * @param discoveryInterval between two listings of the shards
 * @param watermarkInterval between two reports of a reader, and between two announcements of the enumerator
 * @param maxReadAhead how far the watermark of a shard may be ahead of the slowest shard's before it has to wait
 * @param maxWatermarkAdvance how far a watermark may be beyond the newest event, if it is beyond the clock as well
 * @param maxRetryDelay longest wait before a read that failed is tried again
 */
record ReadOptions(
        ConsumerType consumer,
        Duration pollInterval,
        int maxRecordsPerRead,
        int maxReadThreads,
        Duration discoveryInterval,
        Duration watermarkInterval,
        Duration maxReadAhead,
        Duration maxWatermarkAdvance,
        Duration maxRetryDelay)
        implements Serializable {}
