package io.taxistream.local.status;

import java.util.List;
import java.util.OptionalLong;

/**
 * Snapshot of the pipeline's health: lag, checkpoints, restarts.
 *
 * @param shards shards being read or still to be read
 * @param checkpoints checkpoint statistics of the job
 * @param restarts number of failovers of the job
 * @param taskManagers number of running task managers
 * @param documentsStored number of documents acknowledged by the search engine
 * @param documentsRetried number of documents that were resent
 * @param throttledReads number of reads that Kinesis throttled
 */
public record Health(
        List<ShardHealth> shards,
        Checkpoints checkpoints,
        long restarts,
        int taskManagers,
        OptionalLong documentsStored,
        OptionalLong documentsRetried,
        OptionalLong throttledReads) {

    public Health {
        shards = List.copyOf(shards);
    }

    /**
     * Health of a shard.
     *
     * @param open whether it accepts records
     * @param watermarkMillis event time of the job in this shard, milliseconds since the epoch; empty before its first
     *     watermark
     * @param recordsBehind number of records that the job has not read
     */
    public record ShardHealth(String shardId, boolean open, OptionalLong watermarkMillis, int recordsBehind) {}
}
