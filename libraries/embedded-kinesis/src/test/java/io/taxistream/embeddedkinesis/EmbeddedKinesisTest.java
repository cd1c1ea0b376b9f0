package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamResponse;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ListStreamsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardFilterType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** What a client of the AWS SDK sees; it speaks CBOR, as shipped. */
class EmbeddedKinesisTest {

    private static final String STREAM = "trips";
    private static final Duration DELAY = Duration.ofSeconds(2);
    private static final String FIRST = "shardId-000000000000";
    private static final String SECOND = "shardId-000000000001";

    private final MutableClock clock = new MutableClock();
    private EmbeddedKinesis kinesis;
    private KinesisClient client;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder()
                .enforceLimits(false)
                .clock(clock)
                .transitionDelay(DELAY)
                .start();
        client = KinesisClients.withoutRetries(kinesis.httpEndpoint());
    }

    @AfterEach
    void stop() {
        client.close();
        kinesis.close();
    }

    static Stream<Function<EmbeddedKinesis, KinesisClient>> endpoints() {
        return Stream.of(
                kinesis -> KinesisClients.withoutRetries(kinesis.httpEndpoint()),
                kinesis -> KinesisClients.withoutRetries(kinesis.httpsEndpoint()));
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void readsBackWhatWasPut(Function<EmbeddedKinesis, KinesisClient> endpoint) {
        kinesis.createStream(STREAM, 1);
        byte[] bytes = {0, 1, -1, 127, -128};
        try (KinesisClient ownClient = endpoint.apply(kinesis)) {
            PutRecordResponse put = ownClient.putRecord(request ->
                    request.streamName(STREAM).partitionKey("Schlüssel").data(SdkBytes.fromByteArray(bytes)));

            List<Record> read = KinesisClients.readAll(ownClient, STREAM, FIRST);

            assertThat(read).singleElement().satisfies(record -> {
                assertThat(record.data().asByteArray()).isEqualTo(bytes);
                assertThat(record.partitionKey()).isEqualTo("Schlüssel");
                assertThat(record.sequenceNumber()).isEqualTo(put.sequenceNumber());
                assertThat(record.approximateArrivalTimestamp()).isEqualTo(clock.instant());
            });
            assertThat(put.shardId()).isEqualTo(FIRST);
        }
    }

    @Test
    void reportsTheNumberOfUnreadRecords() {
        kinesis.createStream(STREAM, 1);
        for (int i = 0; i < 3; i++) {
            client.putRecord(
                    request -> request.streamName(STREAM).partitionKey("key").data(SdkBytes.fromUtf8String("trip")));
        }
        assertThat(kinesis.recordsBehind(STREAM, FIRST)).isEqualTo(3);
        String iterator = client.getShardIterator(request ->
                        request.streamName(STREAM).shardId(FIRST).shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .shardIterator();

        client.getRecords(request -> request.shardIterator(iterator).limit(2));

        assertThat(kinesis.recordsBehind(STREAM, FIRST)).isEqualTo(1);
    }

    @Test
    void streamIsCreatingThenActiveThenDeletingThenGone() {
        client.createStream(request -> request.streamName(STREAM).shardCount(2));
        assertThat(status()).isEqualTo(StreamStatus.CREATING);

        clock.advance(DELAY);
        assertThat(status()).isEqualTo(StreamStatus.ACTIVE);

        client.deleteStream(request -> request.streamName(STREAM));
        assertThat(status()).isEqualTo(StreamStatus.DELETING);

        clock.advance(DELAY);
        assertThat(client.listStreams().streamNames()).isEmpty();
    }

    @Test
    void describesAStream() {
        kinesis.createStream(STREAM, 3);

        DescribeStreamResponse described = client.describeStream(request -> request.streamName(STREAM));

        assertThat(described.streamDescription().streamARN())
                .isEqualTo("arn:aws:kinesis:us-east-1:000000000000:stream/trips");
        assertThat(described.streamDescription().retentionPeriodHours()).isEqualTo(24);
        assertThat(described.streamDescription().hasMoreShards()).isFalse();
        assertThat(described.streamDescription().streamCreationTimestamp()).isEqualTo(clock.instant());
        assertThat(described.streamDescription().shards())
                .extracting(Shard::shardId)
                .containsExactly(FIRST, SECOND, "shardId-000000000002");
        assertThat(described.streamDescription().shards().get(2).hashKeyRange().endingHashKey())
                .isEqualTo("340282366920938463463374607431768211455");
        assertThat(client.describeLimits().openShardCount()).isEqualTo(3);
    }

    @Test
    void acceptsAnArnInsteadOfTheName() {
        kinesis.createStream(STREAM, 2);
        String arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/trips";

        assertThat(client.listShards(request -> request.streamARN(arn)).shards())
                .hasSize(2);
    }

    @Test
    void streamsAreListedPageByPage() {
        List.of("c", "a", "b").forEach(name -> kinesis.createStream(name, 1));

        ListStreamsResponse first = client.listStreams(request -> request.limit(2));
        ListStreamsResponse second = client.listStreams(request -> request.nextToken(first.nextToken()));

        assertThat(first.streamNames()).containsExactly("a", "b");
        assertThat(first.hasMoreStreams()).isTrue();
        assertThat(second.streamNames()).containsExactly("c");
        assertThat(second.hasMoreStreams()).isFalse();
    }

    @Test
    void shardsAreListedPageByPage() {
        kinesis.createStream(STREAM, 5);

        List<String> listed = new ArrayList<>();
        ListShardsResponse page =
                client.listShards(request -> request.streamName(STREAM).maxResults(2));
        page.shards().forEach(shard -> listed.add(shard.shardId()));
        while (page.nextToken() != null) {
            String token = page.nextToken();
            page = client.listShards(request -> request.nextToken(token).maxResults(2));
            page.shards().forEach(shard -> listed.add(shard.shardId()));
        }

        assertThat(listed)
                .isEqualTo(kinesis.shards(STREAM).stream()
                        .map(ShardDescription::shardId)
                        .toList());
    }

    @Test
    void shardFilterSpansPages() {
        kinesis.createStream(STREAM, 2);
        clock.advance(Duration.ofMinutes(1));
        kinesis.updateShardCount(STREAM, 4);

        ListShardsResponse first = client.listShards(request ->
                request.streamName(STREAM).maxResults(3).shardFilter(filter -> filter.type(ShardFilterType.AT_LATEST)));
        ListShardsResponse second = client.listShards(request -> request.nextToken(first.nextToken()));

        assertThat(first.shards()).extracting(Shard::shardId).contains("shardId-000000000002");
        assertThat(second.shards()).extracting(Shard::shardId).containsExactly("shardId-000000000005");
    }

    @Test
    void shardsAreFilteredByTheTimeTheyWereOpen() {
        kinesis.createStream(STREAM, 1);
        clock.advance(Duration.ofMinutes(10));
        Instant beforeSplit = clock.instant();
        clock.advance(Duration.ofMinutes(10));
        kinesis.splitShard(STREAM, FIRST);
        clock.advance(Duration.ofMinutes(10));
        Instant afterSplit = clock.instant();

        assertThat(listed(ShardFilterType.AT_LATEST, null)).containsExactly(SECOND, "shardId-000000000002");
        assertThat(listed(ShardFilterType.AT_TRIM_HORIZON, null)).containsExactly(FIRST);
        assertThat(listed(ShardFilterType.FROM_TRIM_HORIZON, null)).hasSize(3);
        assertThat(listed(ShardFilterType.AT_TIMESTAMP, beforeSplit)).containsExactly(FIRST);
        assertThat(listed(ShardFilterType.FROM_TIMESTAMP, beforeSplit)).hasSize(3);
        assertThat(listed(ShardFilterType.FROM_TIMESTAMP, afterSplit)).containsExactly(SECOND, "shardId-000000000002");
        assertThat(client.listShards(request -> request.streamName(STREAM)
                                .shardFilter(filter -> filter.type(ShardFilterType.AFTER_SHARD_ID)
                                        .shardId(FIRST)))
                        .shards())
                .hasSize(2);
    }

    @Test
    void routesRecordsByHashKey() {
        kinesis.createStream(STREAM, 2);
        BigInteger half = BigInteger.ONE.shiftLeft(127);

        PutRecordsResponse put = client.putRecords(request -> request.streamName(STREAM)
                .records(
                        withHashKey(BigInteger.ZERO),
                        withHashKey(half.subtract(BigInteger.ONE)),
                        withHashKey(half),
                        withHashKey(BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE)),
                        // the MD5 of "a" begins with 0c, that of "b" with 92
                        record("a", "x"),
                        record("b", "x")));

        assertThat(put.failedRecordCount()).isZero();
        assertThat(put.records())
                .extracting(PutRecordsResultEntry::shardId)
                .containsExactly(FIRST, FIRST, SECOND, SECOND, FIRST, SECOND);
    }

    @Test
    void sequenceNumbersAscendInAShardAndAreUniqueInTheStream() {
        kinesis.createStream(STREAM, 4);

        List<PutRecordsResultEntry> results = client.putRecords(request -> request.streamName(STREAM)
                        .records(IntStream.range(0, 500)
                                .mapToObj(i -> record("key" + i, "x"))
                                .toList()))
                .records();

        assertThat(results).extracting(PutRecordsResultEntry::sequenceNumber).doesNotHaveDuplicates();
        for (ShardDescription shard : kinesis.shards(STREAM)) {
            assertThat(kinesis.records(STREAM, shard.shardId()))
                    .extracting(record -> new BigInteger(record.sequenceNumber()))
                    .isSorted()
                    .isNotEmpty()
                    .allMatch(number -> number.compareTo(new BigInteger(shard.startingSequenceNumber())) > 0);
        }
    }

    @Test
    void iteratorsStartAtThePositionOfTheirType() {
        kinesis.createStream(STREAM, 1);
        List<String> numbers = new ArrayList<>();
        List<Instant> times = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clock.advance(Duration.ofSeconds(1));
            times.add(clock.instant());
            String data = "r" + i;
            numbers.add(client.putRecord(request ->
                            request.streamName(STREAM).partitionKey("k").data(SdkBytes.fromUtf8String(data)))
                    .sequenceNumber());
        }
        String latest = KinesisClients.iterator(client, STREAM, FIRST, ShardIteratorType.LATEST);
        KinesisClients.put(client, STREAM, "k", "r5");

        assertThat(readFrom(latest)).containsExactly("r5");
        assertThat(readFrom(KinesisClients.iterator(client, STREAM, FIRST, ShardIteratorType.TRIM_HORIZON)))
                .containsExactly("r0", "r1", "r2", "r3", "r4", "r5");
        assertThat(readFrom(atNumber(ShardIteratorType.AT_SEQUENCE_NUMBER, numbers.get(2))))
                .containsExactly("r2", "r3", "r4", "r5");
        assertThat(readFrom(atNumber(ShardIteratorType.AFTER_SEQUENCE_NUMBER, numbers.get(2))))
                .containsExactly("r3", "r4", "r5");
        assertThat(readFrom(atNumber(
                        ShardIteratorType.AFTER_SEQUENCE_NUMBER,
                        kinesis.shards(STREAM).get(0).startingSequenceNumber())))
                .hasSize(6);
        assertThat(readFrom(atTime(times.get(3)))).containsExactly("r3", "r4", "r5");
        assertThat(readFrom(atTime(times.get(3).minusMillis(1)))).containsExactly("r3", "r4", "r5");
        assertThat(readFrom(atTime(times.get(0).minusSeconds(60)))).hasSize(6);
    }

    @Test
    void limitTruncatesAReadAndReportsTheLag() {
        kinesis.createStream(STREAM, 1);
        for (int i = 0; i < 3; i++) {
            KinesisClients.put(client, STREAM, "k", "r" + i);
            clock.advance(Duration.ofSeconds(1));
        }
        String iterator = KinesisClients.iterator(client, STREAM, FIRST, ShardIteratorType.TRIM_HORIZON);

        GetRecordsResponse first =
                client.getRecords(request -> request.shardIterator(iterator).limit(2));
        GetRecordsResponse second = client.getRecords(request -> request.shardIterator(first.nextShardIterator()));

        assertThat(first.records()).hasSize(2);
        assertThat(first.millisBehindLatest()).isEqualTo(1_000);
        assertThat(second.records()).hasSize(1);
        assertThat(second.millisBehindLatest()).isZero();
        assertThat(second.nextShardIterator()).isNotNull();
    }

    @Test
    void readReturnsAtMostTenMegabytes() {
        kinesis.createStream(STREAM, 1);
        SdkBytes megabyte = SdkBytes.fromByteArray(new byte[1024 * 1024 - 1]);
        for (int i = 0; i < 11; i++) {
            client.putRecord(
                    request -> request.streamName(STREAM).partitionKey("k").data(megabyte));
        }
        String iterator = KinesisClients.iterator(client, STREAM, FIRST, ShardIteratorType.TRIM_HORIZON);

        GetRecordsResponse first = client.getRecords(request -> request.shardIterator(iterator));

        assertThat(first.records()).hasSize(10);
        assertThat(first.millisBehindLatest()).isPositive();
    }

    @Test
    void splitClosesTheParentAndReportsTheChildren() {
        kinesis.createStream(STREAM, 1);
        KinesisClients.put(client, STREAM, "k", "before");
        client.splitShard(request -> request.streamName(STREAM)
                .shardToSplit(FIRST)
                .newStartingHashKey(BigInteger.ONE.shiftLeft(127).toString()));
        KinesisClients.put(client, STREAM, "k", "during");
        assertThat(status()).isEqualTo(StreamStatus.UPDATING);
        String iterator = KinesisClients.iterator(client, STREAM, FIRST, ShardIteratorType.TRIM_HORIZON);
        assertThat(client.getRecords(request -> request.shardIterator(iterator)).nextShardIterator())
                .isNotNull();

        clock.advance(DELAY);
        KinesisClients.put(client, STREAM, "k", "after");

        GetRecordsResponse last = client.getRecords(request -> request.shardIterator(iterator));
        assertThat(last.records())
                .extracting(record -> record.data().asUtf8String())
                .containsExactly("before", "during");
        assertThat(last.nextShardIterator()).isNull();
        assertThat(last.millisBehindLatest()).isZero();
        assertThat(last.childShards())
                .hasSize(2)
                .allSatisfy(child -> assertThat(child.parentShards()).containsExactly(FIRST));
        List<Shard> shards =
                client.listShards(request -> request.streamName(STREAM)).shards();
        assertThat(shards.get(0).sequenceNumberRange().endingSequenceNumber()).isNotNull();
        assertThat(shards.subList(1, 3)).allSatisfy(child -> {
            assertThat(child.parentShardId()).isEqualTo(FIRST);
            assertThat(child.adjacentParentShardId()).isNull();
            assertThat(new BigInteger(child.sequenceNumberRange().startingSequenceNumber()))
                    .isGreaterThan(
                            new BigInteger(shards.get(0).sequenceNumberRange().endingSequenceNumber()));
        });
    }

    @Test
    void mergeCreatesAShardWithBothParents() {
        kinesis.createStream(STREAM, 2);
        client.mergeShards(
                request -> request.streamName(STREAM).shardToMerge(SECOND).adjacentShardToMerge(FIRST));
        clock.advance(DELAY);

        Shard child = client.listShards(request -> request.streamName(STREAM))
                .shards()
                .get(2);

        assertThat(child.parentShardId()).isEqualTo(SECOND);
        assertThat(child.adjacentParentShardId()).isEqualTo(FIRST);
        assertThat(child.hashKeyRange().startingHashKey()).isEqualTo("0");
        assertThat(child.hashKeyRange().endingHashKey()).isEqualTo("340282366920938463463374607431768211455");
        for (String parent : List.of(FIRST, SECOND)) {
            String iterator = KinesisClients.iterator(client, STREAM, parent, ShardIteratorType.TRIM_HORIZON);
            GetRecordsResponse last = client.getRecords(request -> request.shardIterator(iterator));
            assertThat(last.nextShardIterator()).isNull();
            assertThat(last.childShards()).extracting(ChildShard::shardId).containsExactly(child.shardId());
        }
    }

    @Test
    void updateShardCountReshardsInRounds() {
        kinesis.createStream(STREAM, 4);
        client.updateShardCount(
                request -> request.streamName(STREAM).targetShardCount(1).scalingType(ScalingType.UNIFORM_SCALING));

        clock.advance(DELAY);
        assertThat(status()).isEqualTo(StreamStatus.UPDATING);
        assertThat(openShards()).isEqualTo(2);

        clock.advance(DELAY);
        assertThat(status()).isEqualTo(StreamStatus.ACTIVE);
        assertThat(openShards()).isEqualTo(1);
    }

    @Test
    void recordsAndClosedShardsExpire() {
        kinesis.createStream(STREAM, 1);
        client.increaseStreamRetentionPeriod(
                request -> request.streamName(STREAM).retentionPeriodHours(48));
        KinesisClients.put(client, STREAM, "k", "parent");
        kinesis.splitShard(STREAM, FIRST);
        clock.advance(Duration.ofHours(1));
        KinesisClients.put(client, STREAM, "k", "child");

        clock.advance(Duration.ofMinutes(47 * 60 + 30));
        assertThat(kinesis.shards(STREAM)).extracting(ShardDescription::shardId).doesNotContain(FIRST);
        assertThat(kinesis.userRecords(STREAM)).hasSize(1);
        assertThat(kinesis.statistics(STREAM).recordsTrimmed()).isEqualTo(1);

        client.decreaseStreamRetentionPeriod(
                request -> request.streamName(STREAM).retentionPeriodHours(24));
        clock.advance(Duration.ofSeconds(2));
        assertThat(kinesis.userRecords(STREAM)).isEmpty();
        assertThat(kinesis.statistics(STREAM).recordsTrimmed()).isEqualTo(2);
        assertThat(kinesis.statistics(STREAM).memoryBytes()).isZero();
    }

    @Test
    void explicitTrimmingActsLikeExpiry() {
        kinesis.createStream(STREAM, 1);
        KinesisClients.put(client, STREAM, "k", "old");
        clock.advance(Duration.ofSeconds(1));
        KinesisClients.put(client, STREAM, "k", "new");

        kinesis.trim(STREAM, clock.instant());

        assertThat(KinesisClients.readAll(client, STREAM, FIRST))
                .extracting(record -> record.data().asUtf8String())
                .containsExactly("new");
    }

    @Test
    void statisticsCountWritesAndReads() {
        kinesis.createStream(STREAM, 1);
        KinesisClients.put(client, STREAM, "key", "value");
        KinesisClients.readAll(client, STREAM, FIRST);
        KinesisClients.readAll(client, STREAM, FIRST);

        StreamStatistics statistics = kinesis.statistics(STREAM);

        assertThat(statistics.recordsWritten()).isEqualTo(1);
        assertThat(statistics.bytesWritten()).isEqualTo(8);
        assertThat(statistics.recordsRead()).isEqualTo(2);
        assertThat(statistics.memoryBytes()).isPositive();
    }

    @Test
    void portInUseIsNamed() {
        int taken = kinesis.httpEndpoint().getPort();

        assertThatThrownBy(() -> EmbeddedKinesis.builder().httpsPort(taken).start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Port " + taken + " for Kinesis over HTTPS is in use");
    }

    @Test
    void invalidArgumentThrowsIllegalArgumentException() {
        kinesis.createStream(STREAM, 1);

        assertThatThrownBy(() -> kinesis.createStream(STREAM, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> kinesis.records("none", FIRST))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none");
        assertThatThrownBy(() -> kinesis.splitShard(STREAM, "shardId-000000000009"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> kinesis.mergeShards(STREAM, FIRST, FIRST))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private StreamStatus status() {
        return client.describeStreamSummary(request -> request.streamName(STREAM))
                .streamDescriptionSummary()
                .streamStatus();
    }

    private int openShards() {
        return client.describeStreamSummary(request -> request.streamName(STREAM))
                .streamDescriptionSummary()
                .openShardCount();
    }

    private List<String> listed(ShardFilterType type, Instant timestamp) {
        return client
                .listShards(request -> request.streamName(STREAM)
                        .shardFilter(filter -> filter.type(type).timestamp(timestamp)))
                .shards()
                .stream()
                .map(Shard::shardId)
                .toList();
    }

    private String atNumber(ShardIteratorType type, String number) {
        return client.getShardIterator(request -> request.streamName(STREAM)
                        .shardId(FIRST)
                        .shardIteratorType(type)
                        .startingSequenceNumber(number))
                .shardIterator();
    }

    private String atTime(Instant timestamp) {
        return client.getShardIterator(request -> request.streamName(STREAM)
                        .shardId(FIRST)
                        .shardIteratorType(ShardIteratorType.AT_TIMESTAMP)
                        .timestamp(timestamp))
                .shardIterator();
    }

    private List<String> readFrom(String iterator) {
        return client.getRecords(request -> request.shardIterator(iterator)).records().stream()
                .map(record -> record.data().asUtf8String())
                .toList();
    }

    private static PutRecordsRequestEntry record(String partitionKey, String data) {
        return PutRecordsRequestEntry.builder()
                .partitionKey(partitionKey)
                .data(SdkBytes.fromString(data, StandardCharsets.UTF_8))
                .build();
    }

    private static PutRecordsRequestEntry withHashKey(BigInteger hashKey) {
        return record("k", "x").toBuilder().explicitHashKey(hashKey.toString()).build();
    }
}
