package io.taxistream.eventtime.sender;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.util.List;
import software.amazon.kinesis.producer.protobuf.Messages.AggregatedRecord;

/** Takes aggregated records apart, with the classes of the Kinesis Producer Library. */
final class KplDeaggregator {

    private static final int MAGIC = 0xf3899ac2;
    private static final int DIGEST_BYTES = 16;

    private KplDeaggregator() {}

    /** The records in a pack, or the one that is none. */
    static List<byte[]> records(byte[] data) {
        if (!isAggregate(data)) {
            return List.of(data);
        }
        return aggregate(data).getRecordsList().stream()
                .map(record -> record.getData().toByteArray())
                .toList();
    }

    static boolean isAggregate(byte[] data) {
        return data.length > Integer.BYTES + DIGEST_BYTES
                && ByteBuffer.wrap(data).getInt() == MAGIC;
    }

    static AggregatedRecord aggregate(byte[] pack) {
        try {
            return AggregatedRecord.parseFrom(
                    ByteBuffer.wrap(pack, Integer.BYTES, pack.length - Integer.BYTES - DIGEST_BYTES));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
