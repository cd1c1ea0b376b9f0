package io.taxistream.eventtime.source;

import java.io.Serializable;
import java.time.Duration;

/**
 * Options for reading shards; {@link KinesisSource.Builder} documents them and holds the defaults.
 *
 * @param consumer method of reading shards
 * @param pollInterval time between the starts of two reads of a shard
 * @param maxRecordsPerRead number of Kinesis records, not user records
 * @param maxReadThreads maximum number of threads of a reader
 * @param discoveryInterval time between two listings of the shards
 * @param watermarkInterval time between two reports of a reader, and between two announcements of the enumerator
 * @param maxReadAhead how far the watermark of a shard may be ahead of the slowest shard before it has to wait
 * @param maxWatermarkAdvance how far a watermark may be ahead of the newest event, if it is also ahead of the clock
 * @param maxRetryDelay longest delay before a failed read is retried
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
