package io.taxistream.eventtime.source;

import java.util.List;
import org.apache.flink.api.connector.source.SourceEvent;

/**
 * From the enumerator to a reader: it has noted that these shards were read to their end, and the reader may forget
 * them.
 */
record FinishRecorded(List<String> shardIds) implements SourceEvent {

    FinishRecorded {
        shardIds = List.copyOf(shardIds);
    }
}
