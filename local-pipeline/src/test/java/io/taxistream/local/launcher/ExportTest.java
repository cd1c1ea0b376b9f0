package io.taxistream.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.local.FakeHttpServer;
import io.taxistream.local.FakeHttpServer.Request;
import io.taxistream.local.FakeHttpServer.Response;
import io.taxistream.local.services.SearchClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExportTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {DocumentSorter.DEFAULT_RUN_LENGTH, 1})
    void writesAllPagesSortedByIdInCodeUnitOrder(int runLength) throws IOException {
        Path file = folder.resolve("new/pickup-count.ndjson");
        try (var server = new FakeHttpServer(ExportTest::answerInTwoPages)) {
            long documents = new Export(new SearchClient(server.address()), runLength).write("pickups", file);

            assertThat(documents).isEqualTo(4);
            assertThat(Files.readString(file)).isEqualTo("""
                    {"_id":"Z-1","_source":{"pickup_count":7}}
                    {"_id":"a-10","_source":{"pickup_count":2}}
                    {"_id":"a-9","_source":{"avg":8.383333333333333,"location":"dr5ru7"}}
                    {"_id":"é\\"1","_source":{}}
                    """);
            assertThat(server.requests().get(server.requests().size() - 1))
                    .isEqualTo(new Request("DELETE", "/_search/scroll", "{\"scroll_id\":\"scroll-2\"}"));
        }
    }

    @Test
    void emptyIndexYieldsAnEmptyFile() throws IOException {
        Path file = folder.resolve("pickup-count.ndjson");
        try (var server = new FakeHttpServer(request -> new Response(200, page("")))) {
            long documents = new Export(new SearchClient(server.address())).write("pickups", file);

            assertThat(documents).isZero();
            assertThat(file).isEmptyFile();
        }
    }

    @Test
    void unreadableDocumentsAreAnError() throws IOException {
        String incomplete = "{\"_scroll_id\":\"s\",\"_shards\":{\"failed\":1},\"hits\":{\"hits\":[]}}";
        try (var server = new FakeHttpServer(request -> new Response(200, incomplete))) {
            var export = new Export(new SearchClient(server.address()));

            assertThatThrownBy(() -> export.write("pickups", folder.resolve("file")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("shards");
        }
    }

    @Test
    void engineErrorNamesRequestAndResponse() throws IOException {
        try (var server = new FakeHttpServer(request -> new Response(503, "too\n busy"))) {
            var search = new SearchClient(server.address());

            assertThatThrownBy(() -> search.count("pickups"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("/pickups/_count")
                    .hasMessageContaining("503: too busy");
        }
    }

    private static Response answerInTwoPages(Request request) {
        if (request.method().equals("DELETE")) {
            return new Response(200, "{}");
        }
        if (request.path().startsWith("/pickups/_search")) {
            return new Response(200, page("""
                            {"_id":"a-9","_source":{"avg":8.383333333333333,"location":"dr5ru7"}},
                            {"_id":"é\\"1","_source":{}}"""));
        }
        boolean second = request.body().contains("scroll-1");
        return new Response(200, (second ? page("""
                {"_id":"a-10","_source":{"pickup_count":2}},
                {"_id":"Z-1","_source":{"pickup_count":7}}""") : page("")).replace("scroll-1", "scroll-2"));
    }

    private static String page(String hits) {
        return "{\"_scroll_id\":\"scroll-1\",\"timed_out\":false,\"_shards\":{\"failed\":0},\"hits\":{\"hits\":[" + hits
                + "]}}";
    }
}
