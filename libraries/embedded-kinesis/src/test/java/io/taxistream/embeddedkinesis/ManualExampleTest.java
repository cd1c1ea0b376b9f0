package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;

/** The code in {@code docs/embedded-kinesis.md}, which is what stands between the markers here. */
class ManualExampleTest {

    private static final Path MANUAL = Path.of("../../docs/embedded-kinesis.md");
    private static final Path SOURCE = Path.of("src/test/java/io/taxistream/embeddedkinesis/ManualExampleTest.java");

    // example:sdk
    private EmbeddedKinesis kinesis;
    private KinesisClient client;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder().enforceLimits(false).start();
        kinesis.createStream("readings", 2);
        client = KinesisClient.builder()
                .endpointOverride(kinesis.httpEndpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
                .httpClient(Apache5HttpClient.create())
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
        kinesis.close();
    }

    @Test
    void exampleDeliversAReading() {
        client.putRecord(request ->
                request.streamName("readings").partitionKey("sensor 1").data(SdkBytes.fromUtf8String("21.5")));

        assertThat(kinesis.userRecords("readings")).singleElement().satisfies(record -> {
            assertThat(record.partitionKey()).isEqualTo("sensor 1");
            assertThat(record.data()).asString(StandardCharsets.UTF_8).isEqualTo("21.5");
        });
    }
    // end

    @Test
    void kplExampleDelivers() throws Exception {
        // example:kpl
        URI endpoint = kinesis.httpsEndpoint();
        KinesisProducer producer = new KinesisProducer(new KinesisProducerConfiguration()
                .setRegion("us-east-1")
                .setCredentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
                .setKinesisEndpoint(endpoint.getHost())
                .setKinesisPort(endpoint.getPort())
                .setStsEndpoint(endpoint.getHost())
                .setStsPort(endpoint.getPort())
                .setCloudwatchEndpoint(endpoint.getHost())
                .setCloudwatchPort(endpoint.getPort())
                .setVerifyCertificate(false)
                .setMetricsLevel("none"));
        var result = producer.addUserRecord("readings", "sensor 1", ByteBuffer.wrap(new byte[] {21, 5}));
        producer.flush();
        // end
        try {
            assertThat(result.get(30, TimeUnit.SECONDS).isSuccessful()).isTrue();
            assertThat(kinesis.userRecords("readings")).hasSize(1);
        } finally {
            producer.destroy();
        }
    }

    @Test
    void fanOutExampleReceivesAReading() {
        // example:fanout
        String consumer = kinesis.registerStreamConsumer("readings", "job");
        KinesisAsyncClient async = KinesisAsyncClient.builder()
                .endpointOverride(kinesis.httpEndpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
                .httpClientBuilder(NettyNioAsyncHttpClient.builder())
                .build();
        List<Record> records = new CopyOnWriteArrayList<>();
        var subscription = async.subscribeToShard(
                request -> request.consumerARN(consumer)
                        .shardId("shardId-000000000000")
                        .startingPosition(start -> start.type(ShardIteratorType.TRIM_HORIZON)),
                SubscribeToShardResponseHandler.builder()
                        .subscriber(event -> records.addAll(((SubscribeToShardEvent) event).records()))
                        .build());
        // end
        try (async) {
            kinesis.putRecord("readings", "sensor 1", BigInteger.ONE, new byte[] {21, 5});

            await().until(() -> records.size() == 1);
            assertThat(subscription).isNotDone();
        }
    }

    @Test
    void injectsFaults() throws IOException {
        // example:faults
        FaultRules faults = new FaultRules(Clock.systemUTC(), new Random(1));
        faults.add(FaultRule.of(new Fault.ServerError(500, true))
                .on(KinesisOperation.PUT_RECORD)
                .times(1));
        EmbeddedKinesis faulty = EmbeddedKinesis.builder().faults(faults).start();
        // end
        try (faulty;
                KinesisClient retrying = KinesisClients.client(faulty.httpEndpoint(), 2)) {
            faulty.createStream("readings", 1);

            KinesisClients.put(retrying, "readings", "sensor 1", "21.5");

            // stored by the call that failed, and again by the second
            assertThat(faulty.userRecords("readings")).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sdk", "kpl", "fanout", "faults"})
    void manualShowsThisCode(String example) throws IOException {
        String source = Files.readString(SOURCE);
        int start = source.indexOf("// example:" + example + "\n");
        String code = source.substring(source.indexOf('\n', start) + 1, source.indexOf("// end", start))
                .stripTrailing()
                .stripIndent();

        String manual = Files.readString(MANUAL).lines().collect(Collectors.joining("\n"));

        assertThat(manual).contains("```java\n" + code + "\n```");
    }
}
