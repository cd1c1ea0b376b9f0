package io.taxistream.local.services;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.local.RawHttp;
import io.taxistream.local.launcher.Export;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchServiceIT {

    private static final int DOCUMENTS = 12_345;

    /** A body of one line that is not JSON, as the guard sends it. */
    private static final String ONE_LINE = "\r\n\r\n[^\r\n{]+\n$";

    @TempDir
    private static Path folder;

    private static Path work;
    private static SearchService service;
    private static URI address;

    @BeforeAll
    static void start() throws Exception {
        work = Files.createDirectory(folder.resolve("work"));
        service = SearchService.start(Installation.ofThisClass(), work, folder.resolve("opensearch.log"));
        address = service.awaitReady();
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void exportsAllDocumentsOfSeveralPages() throws IOException {
        var search = new SearchClient(address);
        StringBuilder bulk = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < DOCUMENTS; i++) {
            bulk.append("{\"index\":{\"_id\":\"%05d\"}}\n{\"pickup_count\":%d}\n".formatted(DOCUMENTS - i, i));
            expected.append(
                    "{\"_id\":\"%05d\",\"_source\":{\"pickup_count\":%d}}\n".formatted(i + 1, DOCUMENTS - i - 1));
        }
        var stored = new JsonHttp(address, Duration.ofSeconds(60)).post("/pickups/_bulk", bulk.toString());
        assertThat(stored.get("errors").booleanValue()).isFalse();

        search.refresh("pickups");

        Path file = folder.resolve("pickups.ndjson");
        assertThat(search.count("pickups")).isEqualTo(DOCUMENTS);
        assertThat(new Export(search).write("pickups", file)).isEqualTo(DOCUMENTS);
        assertThat(file).content().isEqualTo(expected.toString());
    }

    /** A reader of the log would take them for the cause of a failure. */
    @Test
    void logHasNoWarningsOfNewerJdks() {
        assertThat(folder.resolve("opensearch.log"))
                .content()
                .isNotEmpty()
                .doesNotContain("A restricted method", "A terminally deprecated method");
    }

    @Test
    void missingIndexIsEmpty() throws IOException {
        var search = new SearchClient(address);

        search.refresh("nothing");

        assertThat(search.count("nothing")).isZero();
        assertThat(new Export(search).write("nothing", folder.resolve("nothing.ndjson")))
                .isZero();
    }

    @Test
    void otherWebPagesCanNeitherReadNorWrite() throws Exception {
        assertThat(RawHttp.send(address, "PUT /guarded")).as("by curl").contains(" 200 OK");

        assertRefused("POST /guarded/_close", "Origin: http://evil.example", "Content-Type: text/plain");
        assertRefused("POST /guarded/_close", "Origin: " + address);
        assertRefused("DELETE /guarded", "Sec-Fetch-Site: same-origin");
        assertRefused("GET /guarded/_search", "Host: evil.example:" + address.getPort());
        assertRefused("GET /guarded/_search", "Origin: http://evil.example");
        assertRefused("GET /guarded/_search", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors");
        assertRefused("GET /_cat/indices", "Sec-Fetch-Site: same-site", "Sec-Fetch-Dest: iframe");
        for (String path : List.of("/_flush", "/%5Fflush", "/guarded/_refresh")) {
            assertRefused(
                    "GET " + path,
                    "Sec-Fetch-Site: cross-site",
                    "Sec-Fetch-Mode: navigate",
                    "Sec-Fetch-Dest: document");
        }
        assertThat(RawHttp.send(address, "GET /_cat/indices/guarded", "Sec-Fetch-Site: none"))
                .as("in the address line of a browser")
                .contains(" 200 OK", " open guarded")
                .doesNotContainIgnoringCase("access-control-allow-origin");
    }

    @Test
    void guardItselfRefusesWhatOtherWebPagesSendWithoutAsking() throws Exception {
        String evil = "Origin: http://evil.example";

        for (String request :
                List.of("OPTIONS /", "OPTIONS /guarded", "OPTIONS *", "POST /no/such/path/at/all", "TRACE /")) {
            assertRefused(request, evil);
            assertRefused(request, evil, "Access-Control-Request-Method: DELETE");
        }
        for (String type : List.of(
                "application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "no type")) {
            for (String request : List.of("POST /guarded/_doc", "POST /_bulk", "POST /")) {
                assertThat(RawHttp.sendBody(address, "a=b", request, evil, "Content-Type: " + type))
                        .as(request + " of " + type)
                        .contains(" 403 Forbidden")
                        .containsPattern(ONE_LINE);
            }
        }
    }

    @Test
    void requestsThatNameNoIndexLeaveNoConnectionOpen() throws Exception {
        RawHttp.assertEndsOddRequests(address);

        assertThat(new SearchClient(address).count("any")).isZero();
    }

    private static void assertRefused(String requestLine, String... headers) throws IOException {
        assertThat(RawHttp.send(address, requestLine, headers))
                .as(requestLine + " " + List.of(headers))
                .contains(" 403 Forbidden")
                .doesNotContainIgnoringCase("access-control-allow")
                .containsPattern(ONE_LINE);
    }

    @Test
    void endsAndLeavesNothingBehind() throws Exception {
        Path otherWork = Files.createDirectory(folder.resolve("other"));
        SearchService other = SearchService.start(Installation.ofThisClass(), otherWork, folder.resolve("other.log"));
        URI otherAddress = other.awaitReady();
        new SearchClient(otherAddress).count("any");

        other.close();

        assertThat(other.exitCode().get(1, SECONDS)).isEqualTo(128 + 15);
        assertThat(otherWork).doesNotExist();
        assertThatThrownBy(() -> new SearchClient(otherAddress).count("any")).isInstanceOf(IOException.class);
    }

    @Test
    void exitBeforeReadinessIsReportedWithItsCode() throws Exception {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        try (SearchService broken = SearchService.start(
                new Installation(empty), Files.createDirectory(folder.resolve("b")), folder.resolve("broken.log"))) {
            assertThatThrownBy(broken::awaitReady)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("code 1");
        }
    }
}
