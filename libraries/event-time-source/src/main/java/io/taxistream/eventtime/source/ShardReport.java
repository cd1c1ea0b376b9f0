package io.taxistream.eventtime.source;

import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Event from a reader to the enumerator: progress of the reader.
 *
 * @param initial whether this is the first report of a newly started reader, which names every restored shard
 * @param shards shards with progress since the last report
 * @param newestEventMillis newest event time seen by the reader; {@link Long#MIN_VALUE} for none
 */
record ShardReport(boolean initial, List<ShardProgress> shards, long newestEventMillis) implements SourceEvent {

    ShardReport {
        shards = List.copyOf(shards);
    }
}
