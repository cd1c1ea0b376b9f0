package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import io.taxistream.credentials.CredentialsSource;
import io.taxistream.credentials.CredentialsSource.AssumedRole;
import io.taxistream.credentials.CredentialsSource.DefaultChain;
import io.taxistream.credentials.CredentialsSource.Profile;
import io.taxistream.credentials.FakeSts;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What calls to Kinesis are signed with. */
@Isolated("sets system properties")
class CredentialsTest {

    private static final String ROLE = "arn:aws:iam::210987654321:role/stream-reader";
    private static final String STREAM = "arn:aws:kinesis:eu-west-1:210987654321:stream/trips";

    private static final byte[] EMPTY_CBOR_MAP = {(byte) 0xa0};

    private final List<Headers> calls = new CopyOnWriteArrayList<>();
    private Map<String, String> properties;
    private HttpServer kinesis;

    @TempDir
    private Path folder;

    @BeforeEach
    void startKinesis() throws IOException {
        kinesis = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        kinesis.createContext("/", exchange -> {
            try (exchange) {
                calls.add(exchange.getRequestHeaders());
                exchange.getRequestBody().readAllBytes();
                exchange.getResponseHeaders().add("Content-Type", "application/x-amz-cbor-1.1");
                exchange.sendResponseHeaders(200, EMPTY_CBOR_MAP.length);
                exchange.getResponseBody().write(EMPTY_CBOR_MAP);
            }
        });
        kinesis.start();
        properties = Map.of(
                "aws.accessKeyId",
                "key-of-the-machine",
                "aws.secretAccessKey",
                "secret-of-the-machine",
                "aws.configFile",
                folder.resolve("none").toString(),
                "aws.sharedCredentialsFile",
                folder.resolve("none").toString());
        properties.forEach(System::setProperty);
    }

    @AfterEach
    void stopKinesis() {
        properties.keySet().forEach(System::clearProperty);
        kinesis.stop(0);
    }

    @Test
    void signsWithTheDefaultCredentialsUnlessConfigured() throws Exception {
        try (KinesisProxy proxy = proxy(new DefaultChain())) {
            proxy.listShards(null);
        }

        assertThat(calls)
                .singleElement()
                .satisfies(headers -> assertThat(signedWith(headers)).isEqualTo("key-of-the-machine"));
    }

    @Test
    void signsWithAnAssumedRoleThatIsRenewedBeforeItExpires() throws Exception {
        try (FakeSts sts = FakeSts.start(Duration.ofSeconds(90));
                KinesisProxy proxy = proxy(new AssumedRole(ROLE, "partner-7", new DefaultChain()))) {
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                proxy.listShards(null);
                return calls.stream().anyMatch(call -> !signedWith(call).equals(FakeSts.accessKey(1)));
            });

            assertThat(calls)
                    .allSatisfy(headers -> assertThat(headers.getFirst("X-Amz-Security-Token"))
                            .isEqualTo(FakeSts.SESSION_TOKEN + signedWith(headers)));
            assertThat(signedWith(calls.get(0))).isEqualTo(FakeSts.accessKey(1));
            assertThat(sts.calls()).allSatisfy(call -> {
                assertThat(call.signedWith()).isEqualTo("key-of-the-machine");
                assertThat(call.parameters())
                        .containsEntry("RoleArn", ROLE)
                        .containsEntry("ExternalId", "partner-7")
                        .containsEntry("RoleSessionName", "event-time-source");
            });
        }
    }

    @Test
    void deniedRoleIsAConfigurationError() throws Exception {
        try (FakeSts sts = FakeSts.start(Duration.ofHours(1));
                KinesisProxy proxy = proxy(new AssumedRole(ROLE, null, new DefaultChain()))) {
            sts.refuse();

            assertThatThrownBy(() -> proxy.listShards(null))
                    .hasMessageContaining(
                            "the role cannot be assumed; check that its trust policy allows the job's own role")
                    .asInstanceOf(type(KinesisProxyException.class))
                    .extracting(KinesisProxyException::kind)
                    .isEqualTo(Kind.FATAL);
            assertThat(calls).isEmpty();
        }
    }

    @Test
    void missingProfileIsAConfigurationError() throws Exception {
        try (KinesisProxy proxy = proxy(new Profile("absent"))) {
            assertThatThrownBy(() -> proxy.listShards(null))
                    .hasMessageContaining("profile absent has no AWS credentials")
                    .asInstanceOf(type(KinesisProxyException.class))
                    .extracting(KinesisProxyException::kind)
                    .isEqualTo(Kind.FATAL);
        }
    }

    @Test
    @Timeout(30)
    void callTimesOutAfterTheReadTimeout() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                KinesisProxy proxy = new AwsKinesisProxy.Factory(
                                StreamAddress.of(STREAM, null, URI.create("http://127.0.0.1:" + silent.getLocalPort())),
                                new CallOptions(
                                        new DefaultChain(),
                                        Duration.ofSeconds(5),
                                        Duration.ofMillis(50),
                                        Duration.ofSeconds(60)))
                        .create()) {
            assertThatThrownBy(() -> proxy.listShards(null))
                    .asInstanceOf(type(KinesisProxyException.class))
                    .extracting(KinesisProxyException::kind)
                    .isEqualTo(Kind.TEMPORARY);
        }
    }

    @Test
    void serializedSourceContainsNoCredentials() throws Exception {
        KinesisSource<String> source =
                KinesisSource.builder(new SimpleStringSchema(), (reading, arrival) -> arrival).stream("readings")
                        .region("eu-west-1")
                        .credentials(new CredentialsSource.AssumedRole(
                                "arn:aws:iam::123456789012:role/stream-reader",
                                "external-id",
                                new CredentialsSource.DefaultChain()))
                        .build();

        String bytes = new String(InstantiationUtil.serializeObject(source), StandardCharsets.ISO_8859_1);

        assertThat(bytes).contains("role/stream-reader").doesNotContain("key-of-the-machine", "secret-of-the-machine");
    }

    private KinesisProxy proxy(CredentialsSource credentials) {
        URI endpoint = URI.create("http://127.0.0.1:" + kinesis.getAddress().getPort());
        return new AwsKinesisProxy.Factory(
                        StreamAddress.of(STREAM, null, endpoint),
                        new CallOptions(
                                credentials, Duration.ofSeconds(5), Duration.ofSeconds(15), Duration.ofSeconds(60)))
                .create();
    }

    private static String signedWith(Headers headers) {
        return headers.getFirst("Authorization").replaceFirst(".*Credential=([^/]*)/.*", "$1");
    }
}
