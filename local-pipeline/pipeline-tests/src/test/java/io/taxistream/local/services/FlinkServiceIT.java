package io.taxistream.local.services;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.taxistream.local.RawHttp;
import io.taxistream.local.TestJars;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlinkServiceIT {

    /** The source's watermark is a millisecond before the greatest time seen. */
    private static final Instant LAST_WATERMARK =
            Instant.ofEpochSecond(WindowedSumJob.LAST).minusMillis(1);

    @TempDir
    private static Path folder;

    private static Path jar;
    private static FlinkService flink;

    @BeforeAll
    static void start() throws Exception {
        jar = TestJars.of(WindowedSumJob.class, folder);
        flink = FlinkService.start(2, Files.createDirectory(folder.resolve("flink")));
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
    }

    @Test
    void runsAJarAndDrainsIt() throws Exception {
        Path sums = folder.resolve("sums");

        FlinkJob job = flink.submit(jar, 2, List.of(sums.toString()));

        await().atMost(60, SECONDS).until(job::allTasksRun);
        await().atMost(60, SECONDS)
                .until(() -> job.read(Set.of())
                        .watermark()
                        .filter(LAST_WATERMARK::equals)
                        .isPresent());
        await().atMost(60, SECONDS)
                .until(() -> job.read(Set.of("numbersRead")).metrics().getOrDefault("numbersRead", 0L)
                        > WindowedSumJob.LAST);
        assertThat(job.read(Set.of("numbersLate")).metrics().get("numbersLate")).isZero();
        assertThat(job.read(Set.of("numbersUnheardOf")).metrics()).isEmpty();
        assertThat(job.state()).isEqualTo("RUNNING");
        assertThat(job.hasEnded()).isFalse();
        assertThat(sums).content().as("windows that have closed").isEqualTo("45\n145\n");

        job.stopWithDrain();

        assertThat(sums).content().as("and the one that draining closes").isEqualTo("45\n145\n110\n");
        assertThat(job.hasEnded()).isTrue();
        assertThat(job.failure()).isEmpty();
    }

    @Test
    void restoresAJobWithAnotherParallelismAndSurvivesATaskManager() throws Exception {
        Path sums = folder.resolve("sums-restored");
        List<String> messages = new CopyOnWriteArrayList<>();
        RestorableJob job = RestorableJob.submit(flink, jar, 2, List.of(sums.toString()), messages::add);
        await().atMost(60, SECONDS)
                .until(() -> Files.exists(sums) && Files.readString(sums).equals("45\n145\n"));
        FlinkJob first = job.current();

        job.restore(1);

        job.awaitTasks();
        assertThat(job.current()).isNotSameAs(first);
        assertThat(first.hasEnded()).isTrue();
        assertThat(job.end()).isEmpty();

        flink.killTaskManager(0);
        await().atMost(60, SECONDS).until(() -> job.current().restarts() == 1);
        await("without a task manager, the job waits instead of failing once a second")
                .during(4, SECONDS)
                .atMost(60, SECONDS)
                .until(() -> job.current().restarts() == 1);
        flink.startTaskManager();
        // retried while the job is restarting
        job.restore(2);

        job.awaitTasks();
        job.current().stopWithDrain();
        assertThat(sums).content().as("no window is lost or closed again").isEqualTo("45\n145\n110\n");
        assertThat(job.end()).contains("it was stopped");
        await().atMost(60, SECONDS).until(() -> slots() == 2);
    }

    @Test
    void failedJobReportsItsCause() throws Exception {
        FlinkJob job =
                flink.submit(jar, 1, List.of(folder.resolve("no/such/folder").toString()));

        await().atMost(Duration.ofSeconds(60)).until(job::hasEnded);

        assertThat(job.failure())
                .hasValueSatisfying(failure -> assertThat(failure).contains("no/such/folder"));
    }

    @Test
    void closesInSecondsWhileAJobIsRunning() throws Exception {
        FlinkService other = FlinkService.start(1, Files.createDirectory(folder.resolve("other")));
        FlinkJob job =
                other.submit(jar, 1, List.of(folder.resolve("sums-abandoned").toString()));
        await().atMost(60, SECONDS).until(job::allTasksRun);

        assertTimeout(Duration.ofSeconds(20), other::close);
    }

    @Test
    void mainClassThatRejectsItsArgumentsReportsWhy() {
        assertThatThrownBy(() -> flink.submit(jar, 1, List.of()))
                .isInstanceOf(LocalPipelineException.class)
                .hasMessageContaining("exactly one argument is needed");
    }

    @Test
    void servesItsWebPage() throws Exception {
        assertThat(slots()).isEqualTo(2);
        assertThat(HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(flink.webPage()).build(), HttpResponse.BodyHandlers.ofString())
                        .body())
                .contains("Apache Flink Web Dashboard");
    }

    @Test
    void otherWebPagesCanNeitherReadNorCancelNorWrite() throws Exception {
        FlinkJob job =
                flink.submit(jar, 1, List.of(folder.resolve("sums-attacked").toString()));
        await().atMost(60, SECONDS).until(job::allTasksRun);
        String path = "/jobs/" + job.id();

        for (String embedded : List.of(
                "/yarn-cancel",
                "/yarn-stop",
                "/yarn-cancel/",
                "/yarn-cancel?a=b",
                "/yarn%2Dcancel",
                "/%79arn-cancel",
                "/yarn-sto%70",
                "/yarn%252Dcancel",
                "/yarn-cancel%3Fa",
                "/yarn-cancel%2F",
                "/yarn-cancel#",
                "/yarn-cancel;a",
                "/x/../yarn-cancel",
                "//yarn-cancel")) {
            assertRefused("GET " + path + embedded);
            assertRefused("GET /v1" + path + embedded);
            assertRefused("GET " + path + embedded, "Sec-Fetch-Site: none");
        }
        assertRefused("GET " + flink.webPage() + path + "/yarn-cancel");
        assertRefused(
                "GET " + path, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document");
        assertRefused("GET /overview", "Host: evil.example:" + flink.webPage().getPort());
        assertRefused("GET /overview", "Origin: http://evil.example");
        assertRefused("GET /overview", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors");
        assertRefused("POST " + path + "/savepoints", "Origin: http://evil.example", "Content-Type: text/plain");
        assertRefused("PATCH " + path, "Origin: " + flink.webPage());
        assertRefused("PATCH " + path, "Sec-Fetch-Site: same-origin");
        assertRefused("POST /jars/upload", "Origin: null", "Content-Type: multipart/form-data; boundary=x");

        assertThat(job.state()).isEqualTo("RUNNING");
        assertThat(RawHttp.send(flink.webPage(), "PATCH " + path))
                .as("flink cancel, which is no browser")
                .contains(" 202 Accepted");
        await().atMost(60, SECONDS).until(job::hasEnded);
    }

    @Test
    void requestsThatNameNoPageAreAnsweredWithAnError() throws Exception {
        RawHttp.assertRefusesOddRequests(flink.webPage());

        assertThat(slots()).isEqualTo(2);
    }

    @Test
    void ownPageAndLinksWork() throws Exception {
        assertThat(RawHttp.send(flink.webPage(), "GET /overview", "Sec-Fetch-Site: same-origin"))
                .contains(" 200 OK", "slots-total")
                .doesNotContainIgnoringCase("access-control-allow-origin");
        assertThat(RawHttp.send(
                        flink.webPage(),
                        "GET /",
                        "Sec-Fetch-Site: cross-site",
                        "Sec-Fetch-Mode: navigate",
                        "Sec-Fetch-Dest: document"))
                .contains("Apache Flink Web Dashboard");
        var features = new JsonHttp(flink.webPage(), Duration.ofSeconds(10))
                .get("/config")
                .get("features");
        assertThat(features.get("web-cancel").booleanValue()).isFalse();
        assertThat(features.get("web-submit").booleanValue()).isFalse();
        assertThat(features.get("web-rescale").booleanValue()).isFalse();
    }

    private static void assertRefused(String requestLine, String... headers) throws IOException {
        assertThat(RawHttp.send(flink.webPage(), requestLine, headers))
                .as(requestLine + " " + List.of(headers))
                .contains(" 403 Forbidden");
    }

    private static int slots() throws IOException {
        return new JsonHttp(flink.webPage(), Duration.ofSeconds(10))
                .get("/overview")
                .get("slots-total")
                .intValue();
    }
}
