package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** How answers describe shards. */
final class ShardWriter {

    private ShardWriter() {}

    static void writeShard(EmbeddedShard shard, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("ShardId", shard.id());
        List<String> parents = shard.parents();
        if (!parents.isEmpty()) {
            out.writeStringField("ParentShardId", parents.get(0));
        }
        if (parents.size() > 1) {
            out.writeStringField("AdjacentParentShardId", parents.get(1));
        }
        writeRange(shard.range(), out);
        out.writeObjectFieldStart("SequenceNumberRange");
        out.writeStringField("StartingSequenceNumber", shard.startingSequenceNumber());
        Optional<String> ending = shard.endingSequenceNumber();
        if (ending.isPresent()) {
            out.writeStringField("EndingSequenceNumber", ending.get());
        }
        out.writeEndObject();
        out.writeEndObject();
    }

    static void writeRange(HashKeyRange range, JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("HashKeyRange");
        out.writeStringField("StartingHashKey", range.start().toString());
        out.writeStringField("EndingHashKey", range.end().toString());
        out.writeEndObject();
    }
}
