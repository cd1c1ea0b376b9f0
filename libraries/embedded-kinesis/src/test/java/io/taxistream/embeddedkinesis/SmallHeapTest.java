package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StartingPosition;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/** Several times as many bytes as the heap holds go through it. */
class SmallHeapTest {

    private static final int RECORDS = 80_000;
    private static final int RECORDS_PER_CALL = 250;
    private static final int RECORD_BYTES = 4_000;
    private static final StartingPosition FROM_START =
            StartingPosition.builder().type(ShardIteratorType.TRIM_HORIZON).build();

    @Test
    void readsBackThreeHundredMegabytesWithASmallHeap() throws IOException {
        try (KinesisProcess process = KinesisProcess.start("64m", 4);
                KinesisClient client = KinesisClients.client(process.endpoint(), 2)) {
            put(client, RECORDS);

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

    @Test
    void hundredSubscriptionsFitIntoASmallHeap() throws IOException {
        int records = RECORDS / 8;
        int shards = 10;
        try (KinesisProcess process = KinesisProcess.start("64m", shards);
                KinesisClient client = KinesisClients.client(process.endpoint(), 2);
                KinesisAsyncClient readers = AsyncClients.withoutRetries(process.endpoint());
                KinesisAsyncClient idleClient = AsyncClients.separate(process.endpoint())) {
            put(client, records);
            LongAdder read = new LongAdder();
            List<CompletableFuture<Void>> subscriptions = new ArrayList<>();
            int consumers = 5;

            for (int i = 0; i < consumers; i++) {
                String reader = register(client, "reader" + i);
                String idler = register(client, "idler" + i);
                for (Shard shard : client.listShards(request -> request.streamName(KinesisProcess.STREAM))
                        .shards()) {
                    Subscriber.onDemand(idleClient, idler, shard.shardId(), FROM_START);
                    subscriptions.add(subscribe(readers, reader, shard.shardId(), read));
                }
            }

            await().atMost(Duration.ofMinutes(2)).until(() -> {
                assertThat(subscriptions).noneMatch(CompletableFuture::isCompletedExceptionally);
                return read.sum() == (long) consumers * records;
            });
            assertThat(process.isAlive()).isTrue();
        }
    }

    private static String register(KinesisClient client, String name) {
        String stream = client.describeStreamSummary(request -> request.streamName(KinesisProcess.STREAM))
                .streamDescriptionSummary()
                .streamARN();
        String consumer = client.registerStreamConsumer(
                        request -> request.streamARN(stream).consumerName(name))
                .consumer()
                .consumerARN();
        await().until(() -> client.describeStreamConsumer(request -> request.consumerARN(consumer))
                        .consumerDescription()
                        .consumerStatus()
                == ConsumerStatus.ACTIVE);
        return consumer;
    }

    private static CompletableFuture<Void> subscribe(
            KinesisAsyncClient client, String consumer, String shardId, LongAdder read) {
        return client.subscribeToShard(
                request -> request.consumerARN(consumer).shardId(shardId).startingPosition(FROM_START),
                SubscribeToShardResponseHandler.builder()
                        .subscriber(event -> read.add(
                                ((SubscribeToShardEvent) event).records().size()))
                        .build());
    }

    private static void put(KinesisClient client, int records) {
        for (int i = 0; i < records; i += RECORDS_PER_CALL) {
            List<PutRecordsRequestEntry> entries = entries(i);
            assertThat(client.putRecords(request ->
                                    request.streamName(KinesisProcess.STREAM).records(entries))
                            .failedRecordCount())
                    .isZero();
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
