package io.taxistream.eventtime.source;

import io.taxistream.eventtime.PartWatermarks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Serializes splits for checkpoints and for assignment to readers. */
final class ShardSplitSerializer implements SimpleVersionedSerializer<ShardSplit> {

    /** Version 1 held a single watermark, that of the only part; version 2 did not hold the newest event. */
    private static final int VERSION = 3;

    private static final int TRIM_HORIZON = 0;
    private static final int AT_TIMESTAMP = 1;
    private static final int AFTER_RECORD = 2;
    private static final int INSIDE_RECORD = 3;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(ShardSplit split) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(split.splitId());
        split.watermarks().writeTo(out);
        out.writeBoolean(split.finished());
        writePosition(split.position(), out);
        out.writeLong(split.newestEventMillis());
        return bytes.toByteArray();
    }

    @Override
    public ShardSplit deserialize(int version, byte[] serialized) throws IOException {
        if (version < 1 || version > VERSION) {
            throw new IOException("The state of a shard has version " + version + "; this build reads 1 to " + VERSION);
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
        String shardId = in.readUTF();
        PartWatermarks watermarks = PartWatermarks.readFrom(in, Math.min(version, PartWatermarks.VERSION));
        boolean finished = in.readBoolean();
        ShardPosition position = readPosition(in);
        long newestEventMillis = version < 3 ? ShardSplit.NO_EVENT : in.readLong();
        return new ShardSplit(shardId, position, watermarks, finished, newestEventMillis);
    }

    private static void writePosition(ShardPosition position, DataOutputStream out) throws IOException {
        if (position instanceof ShardPosition.TrimHorizon) {
            out.writeByte(TRIM_HORIZON);
        } else if (position instanceof ShardPosition.AtTimestamp at) {
            out.writeByte(AT_TIMESTAMP);
            out.writeLong(at.timestamp().toEpochMilli());
        } else if (position instanceof ShardPosition.AfterRecord after) {
            out.writeByte(AFTER_RECORD);
            out.writeUTF(after.sequenceNumber());
        } else if (position instanceof ShardPosition.InsideRecord inside) {
            out.writeByte(INSIDE_RECORD);
            out.writeUTF(inside.sequenceNumber());
            out.writeInt(inside.userRecordsRead());
        }
    }

    private static ShardPosition readPosition(DataInputStream in) throws IOException {
        int kind = in.readByte();
        return switch (kind) {
            case TRIM_HORIZON -> new ShardPosition.TrimHorizon();
            case AT_TIMESTAMP -> new ShardPosition.AtTimestamp(Instant.ofEpochMilli(in.readLong()));
            case AFTER_RECORD -> new ShardPosition.AfterRecord(in.readUTF());
            case INSIDE_RECORD -> new ShardPosition.InsideRecord(in.readUTF(), in.readInt());
            default -> throw new IOException("The state of a shard has a position of unknown kind " + kind);
        };
    }
}
