package io.taxistream.eventtime.source;

import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * From a reader to the enumerator: how far it has come.
 *
 * @param initial whether this is the first report of a reader that has just started; it then names every shard that the
 *     reader has restored
 * @param shards those whose progress has changed since the last report
 * @param newestEventMillis the newest event time that the reader has seen; {@link Long#MIN_VALUE} for none
 */
record ShardReport(boolean initial, List<ShardProgress> shards, long newestEventMillis) implements SourceEvent {

    ShardReport {
        shards = List.copyOf(shards);
    }
}
