package io.taxistream.eventtime.source;

import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/** Event from the enumerator to a reader: the end of these shards is recorded, and the reader may drop them. */
record FinishRecorded(List<String> shardIds) implements SourceEvent {

    FinishRecorded {
        shardIds = List.copyOf(shardIds);
    }
}
