package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.ScalingType;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/** What a shard takes and gives a second, and what an account may ask for. */
class LimitsTest {

    private static final String STREAM = "trips";
    private static final String SHARD = "shardId-000000000000";

    private final MutableClock clock = new MutableClock();
    private EmbeddedKinesis kinesis;
    private KinesisClient client;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder()
                .clock(clock)
                .transitionDelay(Duration.ZERO)
                .start();
        kinesis.createStream(STREAM, 1);
        client = KinesisClients.withoutRetries(kinesis.httpEndpoint());
    }

    @AfterEach
    void stop() {
        client.close();
        kinesis.close();
    }

    @Test
    void shardAcceptsAThousandRecordsPerSecond() {
        assertThat(put(500, 1).failedRecordCount()).isZero();
        assertThat(put(400, 1).failedRecordCount()).isZero();

        PutRecordsResponse response = put(500, 1);

        assertThat(response.failedRecordCount()).isEqualTo(400);
        assertThat(response.records().get(99).sequenceNumber()).isNotNull();
        assertThat(response.records().get(100).errorCode()).isEqualTo("ProvisionedThroughputExceededException");
        assertThat(response.records().get(100).errorMessage())
                .isEqualTo("Rate exceeded for shard " + SHARD + " in stream trips under account 000000000000.");
        assertThat(kinesis.statistics(STREAM).throttledWrites()).isEqualTo(400);
        assertThat(kinesis.userRecords(STREAM)).hasSize(1_000);

        clock.advance(Duration.ofMillis(100));
        assertThat(put(500, 1).failedRecordCount()).isEqualTo(400);
    }

    @Test
    void shardAcceptsOneMegabytePerSecond() {
        assertThat(put(2, 500_000).failedRecordCount()).isZero();
        assertThat(put(1, 500_000).failedRecordCount()).isEqualTo(1);
        assertThatThrownBy(() -> KinesisClients.put(client, STREAM, "k", "x".repeat(100_000)))
                .isInstanceOf(ProvisionedThroughputExceededException.class)
                .hasMessageContaining("Rate exceeded for shard " + SHARD);

        clock.advance(Duration.ofSeconds(1));

        assertThat(put(2, 500_000).failedRecordCount()).isZero();
    }

    @Test
    void shardServesFiveReadsPerSecond() {
        String iterator = KinesisClients.iterator(client, STREAM, SHARD, ShardIteratorType.LATEST);
        for (int i = 0; i < 5; i++) {
            client.getRecords(request -> request.shardIterator(iterator));
        }

        assertThatThrownBy(() -> client.getRecords(request -> request.shardIterator(iterator)))
                .isInstanceOf(ProvisionedThroughputExceededException.class);
        assertThat(kinesis.statistics(STREAM).throttledReads()).isEqualTo(1);

        clock.advance(Duration.ofMillis(200));
        assertThatCode(() -> client.getRecords(request -> request.shardIterator(iterator)))
                .doesNotThrowAnyException();
    }

    @Test
    void largeReadIsChargedAtTwoMegabytesPerSecond() {
        for (int i = 0; i < 8; i++) {
            put(1, 1_000_000);
            clock.advance(Duration.ofSeconds(1));
        }
        String iterator = KinesisClients.iterator(client, STREAM, SHARD, ShardIteratorType.TRIM_HORIZON);
        assertThat(client.getRecords(request -> request.shardIterator(iterator)).records())
                .hasSize(8);

        clock.advance(Duration.ofMillis(2_800));
        assertThatThrownBy(() -> client.getRecords(request -> request.shardIterator(iterator)))
                .isInstanceOf(ProvisionedThroughputExceededException.class);

        clock.advance(Duration.ofMillis(200));
        assertThatCode(() -> client.getRecords(request -> request.shardIterator(iterator)))
                .doesNotThrowAnyException();
    }

    @Test
    void shardReturnsFiveIteratorsPerSecond() {
        for (int i = 0; i < 5; i++) {
            KinesisClients.iterator(client, STREAM, SHARD, ShardIteratorType.LATEST);
        }

        assertThatThrownBy(() -> KinesisClients.iterator(client, STREAM, SHARD, ShardIteratorType.LATEST))
                .isInstanceOf(ProvisionedThroughputExceededException.class);
    }

    @Test
    void operationsHaveAccountRateLimits() {
        for (int i = 0; i < 10; i++) {
            client.describeStream(request -> request.streamName(STREAM));
        }

        assertThatThrownBy(() -> client.describeStream(request -> request.streamName(STREAM)))
                .isInstanceOf(LimitExceededException.class);
        assertThatCode(() -> client.describeStreamSummary(request -> request.streamName(STREAM)))
                .doesNotThrowAnyException();
    }

    @Test
    void shardCountCanAtMostDoubleOrHalve() {
        kinesis.updateShardCount(STREAM, 4);

        assertThatThrownBy(() -> scaleTo(9))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("Current open shard count: 4 Target shard count: 9");
        assertThatThrownBy(() -> scaleTo(1)).isInstanceOf(LimitExceededException.class);
        assertThatCode(() -> scaleTo(8)).doesNotThrowAnyException();
    }

    @Test
    void accountHasAtMostAThousandShards() {
        assertThatThrownBy(() -> client.createStream(
                        request -> request.streamName("wide").shardCount(1_000)))
                .isInstanceOf(LimitExceededException.class)
                .hasMessageContaining("shard limit");
        assertThatCode(() -> client.createStream(
                        request -> request.streamName("wide").shardCount(999)))
                .doesNotThrowAnyException();
    }

    private void scaleTo(int shardCount) {
        client.updateShardCount(request ->
                request.streamName(STREAM).targetShardCount(shardCount).scalingType(ScalingType.UNIFORM_SCALING));
    }

    private PutRecordsResponse put(int count, int bytes) {
        PutRecordsRequestEntry record = PutRecordsRequestEntry.builder()
                .partitionKey("k")
                .data(SdkBytes.fromByteArray(new byte[bytes]))
                .build();
        return client.putRecords(request -> request.streamName(STREAM).records(Collections.nCopies(count, record)));
    }
}
