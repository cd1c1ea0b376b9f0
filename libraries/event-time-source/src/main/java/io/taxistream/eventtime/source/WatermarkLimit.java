package io.taxistream.eventtime.source;

import java.util.Set;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * From the enumerator to a reader: the watermark that every shard of the stream has reached, beyond which no reader may
 * go, and from which is measured how far a shard may be read ahead.
 *
 * @param watermarkMillis milliseconds since the epoch; {@link Long#MIN_VALUE} while a shard has none
 * @param awaitedShards shards of this reader that are to be read on however far they are ahead, because others wait for their end
 * @param newestEventMillis the newest event time that any reader has reported; {@link Long#MIN_VALUE} for none
 */
record WatermarkLimit(long watermarkMillis, Set<String> awaitedShards, long newestEventMillis) implements SourceEvent {

    /** What holds for a reader that was told nothing. */
    static final WatermarkLimit NONE = new WatermarkLimit(Long.MIN_VALUE, Set.of(), Long.MIN_VALUE);

    WatermarkLimit {
        awaitedShards = Set.copyOf(awaitedShards);
    }
}
