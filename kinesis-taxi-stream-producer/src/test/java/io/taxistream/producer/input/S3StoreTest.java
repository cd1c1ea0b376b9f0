package io.taxistream.producer.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.producer.input.S3Store.Access;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class S3StoreTest {

    private FakeS3 s3;

    @BeforeEach
    void start() throws IOException {
        // the default chain would spend seconds looking for credentials elsewhere
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
        s3 = new FakeS3();
    }

    @AfterEach
    void stop() {
        s3.close();
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @Test
    void listsAllPagesInKeyOrder() {
        for (String key : List.of("d/3.csv", "d/1.csv", "d/2.csv", "d/5.csv", "d/4.csv", "other.csv")) {
            s3.objects.put(key, new byte[10]);
        }
        s3.objects.put("d/", new byte[0]);
        s3.objects.put("d/empty.csv", new byte[0]);

        try (var store = store("d/")) {
            assertThat(store.list())
                    .extracting(InputObject::key)
                    .containsExactly("d/1.csv", "d/2.csv", "d/3.csv", "d/4.csv", "d/5.csv");
        }
    }

    @Test
    void keysMayContainAnyCharacter() throws IOException {
        List<String> keys = List.of("a\u0001b.csv", "c\nd.csv", "e<&>\".csv", "f g+h.csv", "i%41.csv", "j\u00fc.csv");
        keys.forEach(key -> s3.objects.put("d/" + key, key.getBytes(StandardCharsets.UTF_8)));

        try (var store = store("d/")) {
            List<InputObject> objects = store.list();

            assertThat(objects)
                    .extracting(InputObject::key)
                    .containsExactlyElementsOf(
                            keys.stream().map(key -> "d/" + key).toList());
            for (InputObject object : objects) {
                try (InputStream in = object.open()) {
                    assertThat("d/" + new String(in.readAllBytes(), StandardCharsets.UTF_8))
                            .isEqualTo(object.key());
                }
            }
        }
    }

    @Test
    void readsAnObjectThroughBrokenConnections() throws IOException {
        byte[] content = new byte[200_000];
        new Random(1).nextBytes(content);
        s3.objects.put("a.csv", content);
        s3.breakAfter = 90_000;

        try (var store = store("");
                InputStream in = store.list().get(0).open()) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
        assertThat(s3.requests).filteredOn(path -> path.endsWith("a.csv")).hasSize(3);
    }

    @Test
    void proxyIsNotUsedForThisMachine() {
        s3.objects.put("a.csv", new byte[10]);
        // Nothing listens there.
        System.setProperty("http.proxyHost", "127.0.0.1");
        System.setProperty("http.proxyPort", "1");
        System.setProperty("http.nonProxyHosts", "other.example");
        try (var store = store("")) {
            assertThat(store.list()).hasSize(1);
        } finally {
            System.clearProperty("http.proxyHost");
            System.clearProperty("http.proxyPort");
            System.clearProperty("http.nonProxyHosts");
        }
    }

    @Test
    void emptyPrefixIsAnError() {
        try (var store = store("nothing/")) {
            assertThatThrownBy(store::list)
                    .isInstanceOf(InputFailedException.class)
                    .hasMessageStartingWith("s3://trips/nothing/ holds no objects; check -bucket and -prefix");
        }
    }

    @Test
    void distinguishesAMissingBucketFromDeniedAccess() {
        try (var store = new S3Store("nowhere", "", access(s3.endpoint()))) {
            assertThatThrownBy(store::list)
                    .isInstanceOf(InputFailedException.class)
                    .hasMessage("s3://nowhere/ cannot be read: there is no such bucket; check -bucket");
        }
        s3.status = 403;
        try (var store = store("")) {
            assertThatThrownBy(store::list)
                    .isInstanceOf(InputFailedException.class)
                    .hasMessageStartingWith("s3://trips/ cannot be read: access denied (AccessDenied)")
                    .message()
                    .hasLineCount(1);
        }
    }

    @Test
    void unreachableStoreIsAnError() {
        var endpoint = s3.endpoint();
        s3.close();
        try (var store = new S3Store("trips", "", access(endpoint))) {
            assertThatThrownBy(store::list)
                    .isInstanceOf(InputFailedException.class)
                    .hasMessageContaining("check the network, -region and -s3Endpoint")
                    .message()
                    .hasLineCount(1);
        }
    }

    @Test
    void requestsOnlyTheRangeNeeded() throws IOException {
        byte[] content = new byte[200_000];
        new Random(1).nextBytes(content);
        s3.objects.put("a.parquet", content);

        try (var store = store("");
                InputStream in = store.list().get(0).opener().open(150_000, 160_000)) {
            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 150_000, 160_000));
        }
        assertThat(s3.headers)
                .last()
                .satisfies(headers -> assertThat(headers.getFirst("Range")).isEqualTo("bytes=150000-159999"));
    }

    @Test
    void readsABucketInAnotherRegion() throws IOException {
        s3.objects.put("a.csv", "trips".getBytes(StandardCharsets.UTF_8));
        s3.objects.put("b.csv", "more trips".getBytes(StandardCharsets.UTF_8));
        s3.region = "eu-west-1";

        try (var store = store("")) {
            for (InputObject object : store.list()) {
                try (InputStream in = object.open()) {
                    assertThat(in.readAllBytes()).isEqualTo(s3.objects.get(object.key()));
                }
            }
        }

        assertThat(s3.headers)
                .extracting(headers -> headers.getFirst("Authorization").replaceAll(".*/(.*)/s3/.*", "$1"))
                .as("where requests are signed for: the region is asked for once")
                .containsExactly("us-east-1", "eu-west-1", "eu-west-1", "eu-west-1");
    }

    @Test
    void requesterPaysAndAnonymousAccessAreOptIn() {
        s3.objects.put("a.csv", new byte[10]);

        try (var store = store("")) {
            store.list();
        }
        assertThat(s3.headers).last().satisfies(headers -> {
            assertThat(headers.getFirst("x-amz-request-payer")).isNull();
            assertThat(headers.getFirst("Authorization")).startsWith("AWS4-HMAC-SHA256");
        });

        try (var store = new S3Store(FakeS3.BUCKET, "", new Access("us-east-1", s3.endpoint(), false, true))) {
            store.list().get(0).open();
        }
        assertThat(s3.headers)
                .hasSize(3)
                .last()
                .satisfies(headers ->
                        assertThat(headers.getFirst("x-amz-request-payer")).isEqualTo("requester"));
        assertThat(s3.headers.get(1).getFirst("x-amz-request-payer")).isEqualTo("requester");

        try (var store = new S3Store(FakeS3.BUCKET, "", new Access("us-east-1", s3.endpoint(), true, false))) {
            store.list();
        }
        assertThat(s3.headers)
                .last()
                .satisfies(
                        headers -> assertThat(headers.getFirst("Authorization")).isNull());
    }

    private static Access access(URI endpoint) {
        return new Access("us-east-1", endpoint, false, false);
    }

    private S3Store store(String prefix) {
        return new S3Store(FakeS3.BUCKET, prefix, access(s3.endpoint()));
    }
}
