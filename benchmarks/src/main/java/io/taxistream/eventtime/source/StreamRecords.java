package io.taxistream.eventtime.source;

import io.taxistream.credentials.CredentialsSource;
import io.taxistream.eventtime.AggregatedRecords;
import io.taxistream.eventtime.UserRecords;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives the benchmarks access to package-private parts of the source: reading a stream's records and deaggregating
 * them.
 */
public final class StreamRecords {

    private static final int MAX_RECORDS_PER_READ = 10_000;

    private StreamRecords() {}

    /** Consumer of user records. */
    public interface UserRecordConsumer<E extends Exception> {
        /** Accepts the user record {@code bytes[offset..offset+length)}. */
        void accept(byte[] bytes, int offset, int length) throws E;
    }

    /** Returns the data of all records of a stream as Kinesis returns them, shard by shard. */
    public static byte[][] readAll(String stream, String region, URI endpoint) throws KinesisProxyException {
        List<byte[]> records = new ArrayList<>();
        try (KinesisProxy kinesis = new AwsKinesisProxy.Factory(
                        StreamAddress.of(stream, region, endpoint),
                        new CallOptions(
                                new CredentialsSource.DefaultChain(),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(15),
                                Duration.ofSeconds(60)))
                .create()) {
            for (ShardInfo shard : kinesis.listShards(null)) {
                String iterator = kinesis.shardIterator(shard.shardId(), new ShardPosition.TrimHorizon());
                KinesisProxy.Page page;
                do {
                    page = kinesis.records(iterator, MAX_RECORDS_PER_READ);
                    page.records().forEach(record -> records.add(copy(record.data())));
                    iterator = page.nextShardIterator();
                } while (iterator != null && !page.records().isEmpty());
            }
        }
        return records.toArray(byte[][]::new);
    }

    private static byte[] copy(ByteBuffer data) {
        byte[] copy = new byte[data.remaining()];
        data.duplicate().get(copy);
        return copy;
    }

    /** Deaggregates a record as the source does, checking its digest. */
    public static <E extends Exception> void forEachUserRecord(byte[] record, UserRecordConsumer<E> consumer) throws E {
        UserRecords userRecords = AggregatedRecords.userRecords(ByteBuffer.wrap(record));
        for (int i = 0; i < userRecords.size(); i++) {
            consumer.accept(userRecords.bytes(), userRecords.offset(i), userRecords.length(i));
        }
    }
}
