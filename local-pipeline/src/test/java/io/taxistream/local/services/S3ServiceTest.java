package io.taxistream.local.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.local.RawHttp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

class S3ServiceTest {

    @TempDir
    private Path folder;

    private Path data;
    private Path work;

    @BeforeEach
    void makeFolders() throws IOException {
        data = Files.createDirectory(folder.resolve("My Data"));
        work = Files.createDirectory(folder.resolve("work"));
    }

    @Test
    void servesFilesByRelativePath() throws Exception {
        Files.writeString(data.resolve("b.csv"), "second");
        Files.createDirectories(data.resolve("2015/12"));
        Files.writeString(data.resolve("2015/12/a.csv"), "first");
        Files.writeString(data.resolve(".hidden"), "not for replay");

        try (S3Service service = S3Service.start(data, work);
                S3Client client = client(service, LocalCredentials.SECRET_ACCESS_KEY)) {
            var keys =
                    client
                            .listObjectsV2(list -> list.bucket(S3Service.BUCKET).prefix(S3Service.PREFIX))
                            .contents()
                            .stream()
                            .map(S3Object::key)
                            .toList();

            assertThat(keys).containsExactly("trips/2015/12/a.csv", "trips/b.csv");
            assertThat(read(client, "trips/2015/12/a.csv")).isEqualTo("first");
            assertThat(read(client, "trips/b.csv")).isEqualTo("second");
        }
    }

    @Test
    void servesFilesWithAnyName() throws Exception {
        List<String> names = List.of("a\u0001b.csv", "c\nd.csv", "e<&>\".csv", "f g+h.csv", "i%41.csv", "j\u00fc.csv");
        for (String name : names) {
            Files.writeString(data.resolve(name), name);
        }

        try (S3Service service = S3Service.start(data, work);
                S3Client client = client(service, LocalCredentials.SECRET_ACCESS_KEY)) {
            var keys = client
                    .listObjectsV2(list -> list.bucket(S3Service.BUCKET).encodingType(EncodingType.URL))
                    .contents()
                    .stream()
                    .map(S3Object::key)
                    .toList();

            assertThat(keys)
                    .containsExactlyElementsOf(
                            names.stream().map(name -> "trips/" + name).toList());
            for (String key : keys) {
                assertThat("trips/" + read(client, key)).isEqualTo(key);
            }
        }
    }

    @Test
    void folderOfTheBucketIsPrivate() throws Exception {
        Files.writeString(data.resolve("trips.csv"), "private");

        try (S3Service service = S3Service.start(data, work)) {
            assertThat(service.endpoint().getHost()).isEqualTo("127.0.0.1");
            assertThat(Files.getPosixFilePermissions(work.resolve(S3Service.BUCKET)))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void rejectsUnsignedRequests() throws Exception {
        Files.writeString(data.resolve("trips.csv"), "private");

        try (S3Service service = S3Service.start(data, work)) {
            URI object = service.endpoint().resolve("/" + S3Service.BUCKET + "/trips/trips.csv");
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(object).build(), HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).doesNotContain("private");
        }
    }

    @Test
    void servesASingleFile() throws Exception {
        Path file = Files.writeString(data.resolve("trips.csv"), "all of it");
        Files.writeString(data.resolve("other.csv"), "not asked for");

        try (S3Service service = S3Service.start(file, work);
                S3Client client = client(service, LocalCredentials.SECRET_ACCESS_KEY)) {
            var objects =
                    client.listObjectsV2(list -> list.bucket(S3Service.BUCKET)).contents();

            assertThat(objects).hasSize(1);
            assertThat(objects.get(0).size()).isEqualTo(9);
            assertThat(read(client, "trips/trips.csv")).isEqualTo("all of it");
        }
    }

    @Test
    void clientsCannotDeleteFiles() throws Exception {
        Path file = Files.writeString(data.resolve("trips.csv"), "precious");

        try (S3Service service = S3Service.start(data, work);
                S3Client client = client(service, LocalCredentials.SECRET_ACCESS_KEY)) {
            client.deleteObject(delete -> delete.bucket(S3Service.BUCKET).key("trips/trips.csv"));
        }

        assertThat(file).hasContent("precious");
    }

    @Test
    void checksSignatures() throws Exception {
        Files.writeString(data.resolve("trips.csv"), "x");

        try (S3Service service = S3Service.start(data, work);
                S3Client client = client(service, "wrong")) {
            assertThatThrownBy(() -> read(client, "trips/trips.csv"))
                    .isInstanceOfSatisfying(
                            S3Exception.class, e -> assertThat(e.statusCode()).isEqualTo(403));
        }
    }

    @Test
    void secretIsNotAConstant() {
        assertThat(LocalCredentials.SECRET_ACCESS_KEY).matches("[0-9a-f]{40}");
        assertThat(LocalCredentials.asEnvironment())
                .containsEntry("AWS_SECRET_ACCESS_KEY", LocalCredentials.SECRET_ACCESS_KEY);
    }

    @Test
    void signedAddressesServeProgramsOnly() throws Exception {
        Files.writeString(data.resolve("trips.csv"), "private");

        try (S3Service service = S3Service.start(data, work)) {
            String signed = "GET " + signedPath(service, LocalCredentials.SECRET_ACCESS_KEY);
            String host = "Host: " + service.endpoint().getAuthority();

            assertThat(RawHttp.send(service.endpoint(), signed)).contains(" 200 OK", "private");
            assertThat(RawHttp.send(service.endpoint(), "GET " + signedPath(service, "local-secret")))
                    .contains(" 403 ")
                    .doesNotContain("private");
            for (String header : List.of("Origin: http://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site")) {
                assertThat(RawHttp.send(service.endpoint(), signed, host, header))
                        .as(header)
                        .contains(" 403 Forbidden")
                        .doesNotContain("private");
            }
        }
    }

    @Test
    void signedRequestsToOtherHostNamesAreRefused() throws Exception {
        Files.writeString(data.resolve("trips.csv"), "private");

        try (S3Service service = S3Service.start(data, work)) {
            int port = service.endpoint().getPort();
            URI rebound = URI.create("http://evil.example:" + port);
            String answer = RawHttp.send(
                    service.endpoint(),
                    "GET " + signedPath(rebound, LocalCredentials.SECRET_ACCESS_KEY),
                    "Host: evil.example:" + port);

            assertThat(answer)
                    .contains(" 403 Forbidden", "use 127.0.0.1 or localhost")
                    .doesNotContain("private");
        }
    }

    @Test
    void requestsThatNameNoObjectAreAnsweredWithAnError() throws Exception {
        Files.writeString(data.resolve("trips.csv"), "private");

        try (S3Service service = S3Service.start(data, work)) {
            RawHttp.assertRefusesOddRequests(service.endpoint());
        }
    }

    private static String signedPath(S3Service service, String secret) {
        return signedPath(service.endpoint(), secret);
    }

    private static String signedPath(URI endpoint, String secret) {
        try (S3Presigner presigner = S3Presigner.builder()
                .endpointOverride(endpoint)
                .serviceConfiguration(
                        S3Configuration.builder().pathStyleAccessEnabled(true).build())
                .region(Region.of(LocalCredentials.REGION))
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(LocalCredentials.ACCESS_KEY_ID, secret)))
                .build()) {
            return presigner
                    .presignGetObject(request -> request.signatureDuration(Duration.ofMinutes(1))
                            .getObjectRequest(
                                    get -> get.bucket(S3Service.BUCKET).key(S3Service.PREFIX + "trips.csv")))
                    .url()
                    .getFile();
        }
    }

    @Test
    void emptyFolderIsNamed() {
        assertThatThrownBy(() -> S3Service.start(data, work))
                .isInstanceOf(LocalPipelineException.class)
                .hasMessageContaining("--data " + data);
    }

    @Test
    void emptyFileIsNamed() throws Exception {
        Path empty = Files.createFile(data.resolve("empty.csv"));

        assertThatThrownBy(() -> S3Service.start(empty, work))
                .isInstanceOf(LocalPipelineException.class)
                .hasMessage("--data " + empty + ": the file is empty; name a file with trips");
    }

    private static S3Client client(S3Service service, String secret) {
        return S3Client.builder()
                .endpointOverride(service.endpoint())
                .forcePathStyle(true)
                .region(Region.of(LocalCredentials.REGION))
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(LocalCredentials.ACCESS_KEY_ID, secret)))
                .build();
    }

    private static String read(S3Client client, String key) {
        return client.getObjectAsBytes(get -> get.bucket(S3Service.BUCKET).key(key))
                .asUtf8String();
    }
}
