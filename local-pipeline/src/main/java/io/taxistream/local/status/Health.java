package io.taxistream.local.status;

import java.util.List;
import java.util.OptionalLong;

/**
 * How well the pipeline is, at one moment: what a person looks at who wants to know why it is slow, or that it is not.
 *
 * @param shards that are read, or wait to be
 * @param checkpoints of the job
 * @param restarts how often the job has failed over
 * @param taskManagers that run
 * @param documentsStored documents that the search engine has acknowledged
 * @param documentsRetried documents that were sent once more
 * @param throttledReads reads that Kinesis refused because of its limits
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
     * One shard.
     *
     * @param open whether it takes records
     * @param watermarkMillis event time that the job has reached in it, milliseconds since the epoch; empty before its
     *     first watermark
     * @param recordsBehind records in it that the job has not read
     */
    public record ShardHealth(String shardId, boolean open, OptionalLong watermarkMillis, int recordsBehind) {}
}
