package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;

/** The Kinesis Producer Library, as shipped, with its own native process. */
class KplTest {

    private static final String STREAM = "trips";

    private final FaultRules faults = new FaultRules(Clock.systemUTC(), new Random(3));
    private EmbeddedKinesis kinesis;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder().enforceLimits(false).faults(faults).start();
        kinesis.createStream(STREAM, 4);
    }

    @AfterEach
    void stop() {
        kinesis.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyRecordArrivesOnceOnEveryShard(boolean aggregation) throws Exception {
        List<String> sent = texts(0, 2_000);

        send(aggregation, sent, () -> {});

        assertThat(received()).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(kinesis.shards(STREAM))
                .allSatisfy(shard ->
                        assertThat(kinesis.records(STREAM, shard.shardId())).isNotEmpty());
        long stored = kinesis.statistics(STREAM).recordsWritten();
        if (aggregation) {
            // the library sends records one by one until it has heard of the shards: here, at least up to its first
            // flush
            assertThat(stored).isLessThan(sent.size());
        } else {
            assertThat(stored).isEqualTo(sent.size());
        }
    }

    @Test
    void recordsArriveDuringResharding() throws Exception {
        List<String> sent = texts(0, 3_000);

        send(false, sent, () -> kinesis.updateShardCount(STREAM, 8));

        assertThat(received()).containsAll(sent);
        assertThat(kinesis.shards(STREAM))
                .filteredOn(ShardDescription::isOpen)
                .hasSize(8)
                .allSatisfy(shard ->
                        assertThat(kinesis.records(STREAM, shard.shardId())).isNotEmpty());
    }

    @Test
    void producerSurvivesErrorsAndThrottling() throws Exception {
        faults.add(FaultRule.of(new Fault.ServerError(500, true))
                .on(KinesisOperation.PUT_RECORDS)
                .times(2));
        faults.add(FaultRule.of(new Fault.Throttle(0.5))
                .on(KinesisOperation.PUT_RECORDS)
                .times(5));
        List<String> sent = texts(0, 1_000);

        send(false, sent, () -> {});

        assertThat(received()).containsAll(sent).hasSizeGreaterThan(sent.size());
    }

    private void send(boolean aggregation, List<String> texts, Runnable halfWay) throws Exception {
        KinesisProducer producer = producer(aggregation);
        try {
            List<ListenableFuture<UserRecordResult>> results = new ArrayList<>();
            for (String text : texts) {
                if (results.size() == texts.size() / 2) {
                    producer.flushSync();
                    halfWay.run();
                }
                results.add(producer.addUserRecord(
                        STREAM, "key of " + text, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
            }
            producer.flush();
            for (ListenableFuture<UserRecordResult> result : results) {
                assertThat(result.get(30, TimeUnit.SECONDS).isSuccessful()).isTrue();
            }
        } finally {
            producer.destroy();
        }
    }

    private KinesisProducer producer(boolean aggregation) {
        URI endpoint = kinesis.httpsEndpoint();
        return new KinesisProducer(new KinesisProducerConfiguration()
                .setCredentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .setRegion("us-east-1")
                .setKinesisEndpoint(endpoint.getHost())
                .setKinesisPort(endpoint.getPort())
                .setStsEndpoint(endpoint.getHost())
                .setStsPort(endpoint.getPort())
                .setCloudwatchEndpoint(endpoint.getHost())
                .setCloudwatchPort(endpoint.getPort())
                .setVerifyCertificate(false)
                .setMetricsLevel("none")
                .setLogLevel("error")
                .setRecordMaxBufferedTime(50)
                .setAggregationEnabled(aggregation));
    }

    private List<String> received() {
        return kinesis.userRecords(STREAM).stream()
                .map(record -> {
                    String text = new String(record.data(), StandardCharsets.UTF_8);
                    assertThat(record.partitionKey()).isEqualTo("key of " + text);
                    return text;
                })
                .toList();
    }

    private static List<String> texts(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "record " + i).toList();
    }
}
