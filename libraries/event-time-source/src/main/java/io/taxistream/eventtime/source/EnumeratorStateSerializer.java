package io.taxistream.eventtime.source;

import io.taxistream.eventtime.PartWatermarks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Serializes the checkpointed state of the enumerator. */
final class EnumeratorStateSerializer implements SimpleVersionedSerializer<EnumeratorState> {

    /** Version 1 held one watermark per shard, that of the only part, and no newest event time. */
    private static final int VERSION = 2;

    private static final int TRIM_HORIZON = 0;
    private static final int AT_TIMESTAMP = 1;

    private static final int PENDING = 0;
    private static final int ASSIGNED = 1;
    private static final int FINISHED = 2;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(EnumeratorState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        if (state.startPosition() instanceof ShardPosition.AtTimestamp at) {
            out.writeByte(AT_TIMESTAMP);
            out.writeLong(at.timestamp().toEpochMilli());
        } else {
            out.writeByte(TRIM_HORIZON);
        }
        out.writeLong(state.streamCreatedMillis());
        out.writeLong(state.newestEventMillis());
        out.writeInt(state.shards().size());
        for (TrackedShard shard : state.shards()) {
            out.writeUTF(shard.shardId());
            out.writeByte(shard.parentIds().size());
            for (String parentId : shard.parentIds()) {
                out.writeUTF(parentId);
            }
            out.writeByte(
                    switch (shard.status()) {
                        case PENDING -> PENDING;
                        case ASSIGNED -> ASSIGNED;
                        case FINISHED -> FINISHED;
                    });
            shard.watermarks().writeTo(out);
        }
        return bytes.toByteArray();
    }

    @Override
    public EnumeratorState deserialize(int version, byte[] serialized) throws IOException {
        if (version < 1 || version > VERSION) {
            throw new IOException(
                    "The state of the shard enumerator has version " + version + "; this build reads 1 to " + VERSION);
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
        ShardPosition startPosition = readStartPosition(in);
        long streamCreatedMillis = in.readLong();
        long newestEventMillis = version == 1 ? EnumeratorState.UNKNOWN : in.readLong();
        int count = in.readInt();
        List<TrackedShard> shards = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            shards.add(readShard(in, version));
        }
        return new EnumeratorState(startPosition, streamCreatedMillis, newestEventMillis, shards);
    }

    private static ShardPosition readStartPosition(DataInputStream in) throws IOException {
        int kind = in.readByte();
        return switch (kind) {
            case TRIM_HORIZON -> new ShardPosition.TrimHorizon();
            case AT_TIMESTAMP -> new ShardPosition.AtTimestamp(Instant.ofEpochMilli(in.readLong()));
            default ->
                throw new IOException("The state of the shard enumerator has a position of unknown kind " + kind);
        };
    }

    private static TrackedShard readShard(DataInputStream in, int version) throws IOException {
        String shardId = in.readUTF();
        int parents = in.readByte();
        List<String> parentIds = new ArrayList<>();
        for (int i = 0; i < parents; i++) {
            parentIds.add(in.readUTF());
        }
        int code = in.readByte();
        TrackedShard.Status status = switch (code) {
            case PENDING -> TrackedShard.Status.PENDING;
            case ASSIGNED -> TrackedShard.Status.ASSIGNED;
            case FINISHED -> TrackedShard.Status.FINISHED;
            default -> throw new IOException("Shard " + shardId + " has unknown status " + code);
        };
        return new TrackedShard(shardId, parentIds, status, PartWatermarks.readFrom(in, version));
    }
}
