package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.embeddedkinesis.JsonCalls.Answer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over the wire: TLS, JSON, and the neighbours that producers ask for on the same port. */
class EndpointTest {

    private EmbeddedKinesis kinesis;
    private JsonCalls calls;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder().enforceLimits(false).start();
        kinesis.createStream("trips", 1);
        calls = new JsonCalls(kinesis.httpEndpoint());
    }

    @AfterEach
    void stop() {
        kinesis.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1"})
    void trustedCertificateIsValidForTheHost(String host) throws Exception {
        URI endpoint =
                URI.create("https://" + host + ":" + kinesis.httpsEndpoint().getPort());

        assertThat(new JsonCalls(trusting(kinesis), endpoint)
                        .call("ListStreams", "{}")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void clientsNegotiateTheHttpVersion(HttpClient.Version version) throws Exception {
        JsonCalls client = new JsonCalls(trusting(kinesis, version), kinesis.httpsEndpoint());

        HttpResponse<String> response = client.send("application/x-amz-json-1.1", "Kinesis_20131202.ListStreams", "{}");

        assertThat(response.version()).isEqualTo(version);
        assertThat(response.body()).contains("trips");
    }

    @Test
    void keepsConnectionsAlive() throws Exception {
        byte[] request = ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
                        + "X-Amz-Target: Kinesis_20131202.ListStreams\r\n\r\n{}")
                .getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = new Socket(
                kinesis.httpEndpoint().getHost(), kinesis.httpEndpoint().getPort())) {
            socket.setSoTimeout(10_000);
            for (int call = 0; call < 3; call++) {
                socket.getOutputStream().write(request);

                StringBuilder response = new StringBuilder();
                while (response.indexOf("HasMoreStreams") < 0) {
                    int value = socket.getInputStream().read();
                    assertThat(value).isNotNegative();
                    response.append((char) value);
                }
                assertThat(response).startsWith("HTTP/1.1 200").doesNotContainIgnoringCase("connection: close");
                while (socket.getInputStream().read() != '}') {
                    // the rest of the response
                }
            }
        }
    }

    @Test
    void rejectsTheCertificateOfAnotherRun() throws Exception {
        try (EmbeddedKinesis other = EmbeddedKinesis.builder().start()) {
            JsonCalls distrusting = new JsonCalls(trusting(other), kinesis.httpsEndpoint());

            assertThatThrownBy(() -> distrusting.call("ListStreams", "{}")).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void jsonCarriesDataAsBase64AndTimesAsSeconds() throws Exception {
        long before = System.currentTimeMillis();
        calls.call("PutRecord", "{'StreamName':'trips','PartitionKey':'k','Data':'AAH/'}");
        String iterator = calls.call(
                        "GetShardIterator",
                        "{'StreamName':'trips','ShardId':'shardId-000000000000','ShardIteratorType':'AT_TIMESTAMP','Timestamp':"
                                + before / 1_000 + "." + String.format(Locale.ROOT, "%03d", before % 1_000) + "}")
                .body()
                .get("ShardIterator")
                .asText();

        Answer answer = calls.call("GetRecords", "{'ShardIterator':'" + iterator + "'}");

        assertThat(answer.body().at("/Records/0/Data").asText()).isEqualTo("AAH/");
        assertThat(answer.body().at("/Records/0/ApproximateArrivalTimestamp").asDouble())
                .isBetween(before / 1_000.0, (before + 60_000) / 1_000.0);
    }

    @Test
    void everyResponseHasAUniqueRequestId() throws Exception {
        List<String> ids = List.of(requestId(), requestId());

        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.length() == 36);
    }

    @Test
    void answersGetCallerIdentity() throws Exception {
        HttpResponse<String> response = calls.sendForm("Action=GetCallerIdentity&Version=2011-06-15");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("<Account>000000000000</Account>");
    }

    @Test
    void acceptsMetricsInEveryProtocol() throws Exception {
        assertThat(calls.sendForm("Action=PutMetricData&Version=2010-08-01&Namespace=x")
                        .statusCode())
                .isEqualTo(200);
        assertThat(calls.send("application/x-amz-json-1.0", "GraniteServiceVersion20100801.PutMetricData", "{}")
                        .body())
                .isEqualTo("{}");
        JsonCalls cbor = new JsonCalls(
                kinesis.httpEndpoint().resolve("/service/GraniteServiceVersion20100801/operation/PutMetricData"));
        assertThat(cbor.send("application/cbor", "", "").headers().firstValue("smithy-protocol"))
                .contains("rpc-v2-cbor");
    }

    @Test
    void rejectsUnknownRequests() throws Exception {
        assertThat(calls.sendForm("hello").statusCode()).isEqualTo(400);
    }

    @Test
    void manyClientsWriteAtOnceWithoutLossOrDuplicates() throws Exception {
        kinesis.createStream("wide", 4);
        ExecutorService clients = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> done = IntStream.range(0, 400)
                    .mapToObj(i -> clients.submit(() -> {
                        if (i % 100 == 50) {
                            kinesis.updateShardCount("wide", 1 + i / 50);
                        }
                        return calls.call("PutRecord", "{'StreamName':'wide','PartitionKey':'" + i + "','Data':'eA=='}")
                                .status();
                    }))
                    .toList();
            for (Future<Integer> status : done) {
                assertThat(status.get()).isEqualTo(200);
            }
        } finally {
            clients.shutdownNow();
        }

        assertThat(kinesis.userRecords("wide"))
                .extracting(UserRecord::partitionKey)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 400).mapToObj(Integer::toString).toList());
    }

    @Test
    void closedEndpointAcceptsNoConnections() {
        kinesis.close();

        assertThatThrownBy(() -> calls.call("ListStreams", "{}")).isInstanceOf(ConnectException.class);
    }

    private String requestId() throws IOException, InterruptedException {
        return calls.send("application/x-amz-json-1.1", "Kinesis_20131202.ListStreams", "{}")
                .headers()
                .firstValue("x-amzn-RequestId")
                .orElseThrow();
    }

    private static HttpClient trusting(EmbeddedKinesis kinesis) throws Exception {
        return trusting(kinesis, HttpClient.Version.HTTP_1_1);
    }

    private static HttpClient trusting(EmbeddedKinesis kinesis, HttpClient.Version version) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("kinesis", kinesis.certificate());
        TrustManagerFactory trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trustManagers.getTrustManagers(), null);
        return HttpClient.newBuilder().version(version).sslContext(context).build();
    }
}
