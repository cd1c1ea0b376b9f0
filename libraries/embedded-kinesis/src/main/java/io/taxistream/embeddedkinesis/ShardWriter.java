package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Writes descriptions of shards in responses. */
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

    static void writeRecord(EmbeddedShard shard, RecordLog.Entry entry, Wire wire, JsonGenerator out)
            throws IOException {
        out.writeStartObject();
        out.writeStringField("SequenceNumber", shard.sequenceNumberAt(entry.position()));
        out.writeFieldName("ApproximateArrivalTimestamp");
        wire.writeTimestamp(out, entry.arrivalMillis());
        out.writeFieldName("Data");
        out.writeBinary(entry.array(), entry.dataOffset(), entry.dataLength());
        out.writeStringField("PartitionKey", entry.partitionKey());
        out.writeStringField("EncryptionType", "NONE");
        out.writeEndObject();
    }

    static void writeMillisBehindLatest(RecordLog.Slice records, long nowMillis, JsonGenerator out) throws IOException {
        // at least 1 while there are more records, so that no reader considers itself caught up
        out.writeNumberField(
                "MillisBehindLatest", records.reachesEnd() ? 0 : Math.max(1, nowMillis - records.nextArrivalMillis()));
    }

    static void writeChildren(EmbeddedShard shard, JsonGenerator out) throws IOException {
        out.writeArrayFieldStart("ChildShards");
        for (EmbeddedShard child : shard.children()) {
            out.writeStartObject();
            out.writeStringField("ShardId", child.id());
            out.writeArrayFieldStart("ParentShards");
            for (String parent : child.parents()) {
                out.writeString(parent);
            }
            out.writeEndArray();
            writeRange(child.range(), out);
            out.writeEndObject();
        }
        out.writeEndArray();
    }
}
