package io.taxistream.eventtime.source;

import java.util.Set;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Event from the enumerator to a reader: the watermark that every shard of the stream has reached. No reader may advance beyond
 * it, and read-ahead is measured from it.
 *
 * @param watermarkMillis milliseconds since the epoch; {@link Long#MIN_VALUE} while a shard has no watermark
 * @param awaitedShards shards of this reader to be read however far ahead they are, because others wait for their end
 * @param newestEventMillis newest event time reported by any reader; {@link Long#MIN_VALUE} for none
 */
record WatermarkLimit(long watermarkMillis, Set<String> awaitedShards, long newestEventMillis) implements SourceEvent {

    /** Initial limit of a reader. */
    static final WatermarkLimit NONE = new WatermarkLimit(Long.MIN_VALUE, Set.of(), Long.MIN_VALUE);

    WatermarkLimit {
        awaitedShards = Set.copyOf(awaitedShards);
    }
}
