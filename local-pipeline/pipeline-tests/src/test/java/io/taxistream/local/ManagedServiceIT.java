package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.taxistream.credentials.FakeSts;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.local.services.ChildProcess;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalCredentials;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the shipped jar in a process that imitates Amazon Managed Service for Apache Flink. */
class ManagedServiceIT {

    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROLE = "arn:aws:iam::210987654321:role/stream-reader";
    private static final String EXTERNAL_ID = "external-id-of-the-role";

    @TempDir
    private static Path folder;

    private static EmbeddedKinesis kinesis;
    private static BulkEndpoint search;
    private static FakeSts sts;

    private final List<String> output = new CopyOnWriteArrayList<>();
    private Path temporary;
    private Path workingFolder;

    @BeforeAll
    static void startServices() throws Exception {
        LocalCredentials.setSystemProperties();
        kinesis = EmbeddedKinesis.builder().enforceLimits(false).start();
        search = BulkEndpoint.start();
        sts = FakeSts.start(Duration.ofHours(1));
    }

    @AfterAll
    static void stopServices() {
        sts.close();
        search.close();
        kinesis.close();
    }

    @BeforeEach
    void makeFolders() throws IOException {
        temporary = Files.createTempDirectory(folder, "tmp");
        workingFolder = Files.createTempDirectory(folder, "work");
    }

    @AfterEach
    void nothingWasWrittenToTheWorkingFolder() {
        assertThat(workingFolder).isEmptyDirectory();
    }

    @Test
    void runtimePropertiesConfigureAJobWithCorrectResults() throws Exception {
        Path file = folder.resolve("trips.csv");
        TripFile.write(file, 5_000, 5);
        Trips trips = Trips.read(file);
        kinesis.createStream("managed", 2);
        try (TripStream stream = TripStream.overAllShards(kinesis.httpEndpoint(), "managed")) {
            stream.write(trips.inOrder());
            stream.watermark(
                    trips.batch().lastDropoff().plus(Duration.ofDays(1)).toEpochMilli());
        }

        try (ChildProcess service = start(properties("managed"))) {
            URI rest = URI.create(awaitLine(service, ManagedServiceProcess.RUNNING));

            await().atMost(TIMEOUT).untilAsserted(() -> {
                assertThat(service.isAlive()).isTrue();
                assertThat(search.documents("managed-pickup-count"))
                        .hasSameSizeAs(trips.batch().pickupCounts());
                assertThat(search.documents("managed-trip-duration"))
                        .hasSameSizeAs(trips.batch().tripDurations());
            });
            Documents.assertEqual(
                    search.documents("managed-pickup-count"), trips.batch().pickupCounts());
            Documents.assertEqual(
                    search.documents("managed-trip-duration"), trips.batch().tripDurations());
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(metrics(rest))
                            .contains(
                                    "Locate_trips.kinesisanalytics.trips",
                                    "Locate_trips.kinesisanalytics.recordsMalformed",
                                    "Count_late_trips.kinesisanalytics.tripsLate",
                                    "Write_documents__Writer.kinesisanalytics.documentsDead"));
            assertThat(metrics(rest)).doesNotContain("Locate_trips.trips", "Count_late_trips.tripsLate");
            assertThat(sts.calls())
                    .isNotEmpty()
                    .allSatisfy(call -> assertThat(call.parameters())
                            .containsEntry("RoleArn", ROLE)
                            .containsEntry("ExternalId", EXTERNAL_ID));
            assertThat(shown(rest) + String.join("\n", output))
                    .contains("Locate trips")
                    .doesNotContain(
                            LocalCredentials.SECRET_ACCESS_KEY,
                            FakeSts.SECRET_ACCESS_KEY,
                            FakeSts.SESSION_TOKEN,
                            EXTERNAL_ID);
        }
        assertThat(output).noneMatch(line -> line.contains("read-only file system"));
    }

    @Test
    void invalidPropertiesAreLoggedInOneLineWithoutExiting() throws Exception {
        Map<String, String> properties = properties("unread");
        properties.put("es-auth", "basic");

        try (ChildProcess service = start(properties)) {
            assertThat(awaitLine(service, ManagedServiceProcess.REFUSED))
                    .isEqualTo(
                            "property es-auth: basic authentication is not supported by Amazon Managed Service for Apache"
                                    + " Flink, which has no place for user and password; use es-auth sigv4 to sign"
                                    + " requests with the application's role");
            assertThat(service.isAlive()).isTrue();
        }
    }

    /** Shows that the process is as strict as the service: on a self-managed cluster the job changes more settings. */
    @Test
    void serviceRejectsTheJobWithItsDefaultConfiguration() throws Exception {
        try (ChildProcess service =
                start(Map.of(), "--region", "us-east-1", "--stream", "unread", "--state-backend", "heap")) {
            assertThat(awaitLine(service, ManagedServiceProcess.REFUSED))
                    .startsWith("Not allowed configuration change(s) were detected")
                    .contains("execution.checkpointing.interval", "state.backend.type");
        }
    }

    private static Map<String, String> properties(String stream) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("region", LocalCredentials.REGION);
        properties.put("stream", stream);
        properties.put("endpoint", kinesis.httpEndpoint().toString());
        properties.put("initial-position", "TRIM_HORIZON");
        properties.put("es-endpoint", search.address().toString());
        properties.put("es-index", stream);
        properties.put("aws-role", ROLE);
        properties.put("aws-external-id", EXTERNAL_ID);
        return properties;
    }

    private ChildProcess start(Map<String, String> properties, String... arguments) throws IOException {
        Path file = temporary.resolve("application_properties.json");
        JSON.writeValue(
                file.toFile(),
                List.of(Map.of("PropertyGroupId", "FlinkApplicationProperties", "PropertyMap", properties)));
        Path logging = Files.writeString(temporary.resolve("logback.xml"), """
                <configuration>
                  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
                    <encoder><pattern>%-5level %logger - %msg%n</pattern></encoder>
                  </appender>
                  <root level="INFO"><appender-ref ref="OUT"/></root>
                </configuration>
                """);
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                "cd \"$0\" && exec \"$@\"",
                workingFolder.toString(),
                Installation.ofThisClass().java().toString(),
                "-Djava.security.manager=allow",
                "-Djava.io.tmpdir=" + temporary,
                "-Duser.home=" + workingFolder,
                "-Dio.taxistream.application-properties=" + file,
                "-Dlogback.configurationFile=" + logging,
                "-Daws.endpointUrlSts=" + sts.endpoint()));
        for (String opened : List.of("java.lang", "java.util", "java.time", "java.util.concurrent")) {
            command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
        }
        command.addAll(List.of(
                "-cp",
                absolute(classPath),
                ManagedServiceProcess.class.getName(),
                Installation.ofThisClass().processorJar().toAbsolutePath().toString(),
                temporary.toString()));
        command.addAll(List.of(arguments));
        return ChildProcess.start(
                "managed-service",
                command,
                LocalCredentials.asEnvironment(),
                Files.createTempDirectory(folder, "scratch"),
                output::add);
    }

    /** The process has another working directory. */
    private static String absolute(String classPath) {
        List<String> paths = new ArrayList<>();
        for (String path : classPath.split(File.pathSeparator, -1)) {
            paths.add(new File(path).getAbsolutePath());
        }
        return String.join(File.pathSeparator, paths);
    }

    private String awaitLine(ChildProcess service, String prefix) {
        await().atMost(TIMEOUT).until(() -> line(prefix).isPresent() || !service.isAlive());
        return line(prefix).orElseThrow(() -> new AssertionError(String.join("\n", output)));
    }

    private Optional<String> line(String prefix) {
        return output.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .findFirst();
    }

    /** Returns the names of the metrics of all subtasks, without subtask numbers. */
    private static List<String> metrics(URI rest) throws IOException {
        String job =
                "/jobs/" + JSON.readTree(get(rest, "/jobs")).at("/jobs/0/id").textValue();
        List<String> names = new ArrayList<>();
        for (JsonNode vertex : JSON.readTree(get(rest, job)).get("vertices")) {
            String path = job + "/vertices/" + vertex.get("id").textValue() + "/metrics";
            for (JsonNode metric : JSON.readTree(get(rest, path))) {
                names.add(metric.get("id").textValue().replaceFirst("^\\d+\\.", ""));
            }
        }
        return names;
    }

    /** Returns everything that Flink's web UI shows of a job and its configuration. */
    private static String shown(URI rest) throws IOException {
        String job =
                "/jobs/" + JSON.readTree(get(rest, "/jobs")).at("/jobs/0/id").textValue();
        StringBuilder shown = new StringBuilder();
        for (String path : List.of(
                "/config",
                "/jobmanager/config",
                "/jobmanager/environment",
                job,
                job + "/config",
                job + "/plan",
                job + "/jobmanager/config",
                job + "/exceptions")) {
            shown.append(get(rest, path));
        }
        return shown.toString();
    }

    private static String get(URI rest, String path) throws IOException {
        try (var in = rest.resolve(path).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
