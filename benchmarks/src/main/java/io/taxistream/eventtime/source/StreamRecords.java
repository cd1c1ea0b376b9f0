package io.taxistream.eventtime.source;

import io.taxistream.credentials.CredentialsSource;
import io.taxistream.eventtime.AggregatedRecords;
import io.taxistream.eventtime.UserRecords;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Opens to the benchmarks what the source keeps to itself: the records of a stream, and what takes them apart. */
public final class StreamRecords {

    private static final int MAX_RECORDS_PER_READ = 10_000;

    private StreamRecords() {}

    /** Takes user records, one at a time. */
    public interface UserRecordConsumer<E extends Exception> {
        /** Takes the user record {@code bytes[offset..offset+length)}. */
        void accept(byte[] bytes, int offset, int length) throws E;
    }

    /** The data of all records that a stream holds, as Kinesis hands them out, shard by shard. */
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
                    page.records().forEach(record -> records.add(record.data().array()));
                    iterator = page.nextShardIterator();
                } while (iterator != null && !page.records().isEmpty());
            }
        }
        return records.toArray(byte[][]::new);
    }

    /** Takes a record apart as the source does, its digest checked. */
    public static <E extends Exception> void forEachUserRecord(byte[] record, UserRecordConsumer<E> consumer) throws E {
        UserRecords userRecords = AggregatedRecords.userRecords(ByteBuffer.wrap(record));
        for (int i = 0; i < userRecords.size(); i++) {
            consumer.accept(userRecords.bytes(), userRecords.offset(i), userRecords.length(i));
        }
    }
}
