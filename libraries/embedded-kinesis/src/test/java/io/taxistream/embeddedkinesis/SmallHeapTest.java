package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** Several times as many bytes as the heap holds go through it. */
class SmallHeapTest {

    private static final int RECORDS = 80_000;
    private static final int RECORDS_PER_CALL = 250;
    private static final int RECORD_BYTES = 4_000;

    @Test
    void everyRecordOfThreeHundredMegabytesIsReadBackFromAHeapOfSixtyFour() throws IOException {
        try (KinesisProcess process = KinesisProcess.start("64m", 4);
                KinesisClient client = KinesisClients.client(process.endpoint(), 2)) {
            for (int i = 0; i < RECORDS; i += RECORDS_PER_CALL) {
                List<PutRecordsRequestEntry> entries = entries(i);
                assertThat(client.putRecords(request -> request.streamName(KinesisProcess.STREAM)
                                        .records(entries))
                                .failedRecordCount())
                        .isZero();
            }

            BitSet read = new BitSet(RECORDS);
            List<Shard> shards = client.listShards(request -> request.streamName(KinesisProcess.STREAM))
                    .shards();
            for (Shard shard : shards) {
                readAll(client, shard.shardId(), read);
            }

            assertThat(read.cardinality()).isEqualTo(RECORDS);
            assertThat(process.isAlive()).isTrue();
        }
    }

    private static void readAll(KinesisClient client, String shardId, BitSet read) {
        String iterator =
                KinesisClients.iterator(client, KinesisProcess.STREAM, shardId, ShardIteratorType.TRIM_HORIZON);
        GetRecordsResponse response;
        do {
            String from = iterator;
            response = client.getRecords(request -> request.shardIterator(from));
            for (Record record : response.records()) {
                int number = Integer.parseInt(record.partitionKey());
                assertThat(read.get(number)).isFalse();
                assertThat(Arrays.equals(record.data().asByteArrayUnsafe(), data(number)))
                        .isTrue();
                read.set(number);
            }
            iterator = response.nextShardIterator();
        } while (response.millisBehindLatest() > 0);
    }

    private static List<PutRecordsRequestEntry> entries(int first) {
        List<PutRecordsRequestEntry> entries = new ArrayList<>();
        for (int i = first; i < first + RECORDS_PER_CALL; i++) {
            entries.add(PutRecordsRequestEntry.builder()
                    .partitionKey(Integer.toString(i))
                    .data(SdkBytes.fromByteArrayUnsafe(data(i)))
                    .build());
        }
        return entries;
    }

    private static byte[] data(int number) {
        byte[] data = new byte[RECORD_BYTES];
        new Random(number).nextBytes(data);
        return data;
    }
}
