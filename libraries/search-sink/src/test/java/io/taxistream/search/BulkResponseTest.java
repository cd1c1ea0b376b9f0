package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.search.BulkResponse.Item;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BulkResponseTest {

    private static final List<BulkEntry> SENT = List.of(
            BulkEntry.first(SearchDocument.of("counts", "a", "{}")),
            BulkEntry.first(SearchDocument.of("counts", "b", "{}")));

    @Test
    void readsAResultForEachDocument() throws IOException {
        assertThat(read("""
                {"errors":true,"items":[
                  {"index":{"_id":"a","status":201}},
                  {"index":{"_id":"b","status":400,"error":{"type":"mapper_parsing_exception",
                    "reason":"failed to parse field [location]","caused_by":{"reason":"not a\\n geohash"}}}}]}
                """))
                .containsExactly(
                        new Item(201, "", ""),
                        new Item(400, "mapper_parsing_exception", "failed to parse field [location]: not a geohash"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"errors\":false}",
                "{\"items\":{}}",
                "{\"items\":[]}",
                "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}}]}",
                "{\"items\":[{\"index\":{\"_id\":\"b\",\"status\":201}},{\"index\":{\"_id\":\"a\",\"status\":201}}]}",
                "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},{\"index\":{\"_id\":\"b\"}}]}",
                "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},{}]}",
                "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},3]}",
                "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},{\"index\":{\"_id\":\"b\",\"status\":201}}]} x",
                "{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}},{\"index\":{\"_id\":\"b\",\"stat",
                "<html>502 Bad Gateway</html>",
            })
    void rejectsAResponseToOtherDocuments(String body) {
        assertThatThrownBy(() -> read(body))
                .isInstanceOf(IOException.class)
                .message()
                .hasLineCount(1);
    }

    @Test
    void saysWhatTheResponseContainsInstead() {
        assertThatThrownBy(() -> read("{\"items\":[{\"index\":{\"_id\":\"a\",\"status\":201}}]}"))
                .hasMessage("the response to 2 documents has 1 items");
        assertThatThrownBy(() -> read("{\"took\":3}"))
                .hasMessage("the response to 2 documents has no items: {\"took\":3}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"error\":{\"type\":\"security_exception\",\"reason\":\"no permissions\"},\"status\":403}"
                        + " | security_exception: no permissions",
                "{\"message\":\"The security token included in the request is expired\"}"
                        + " | The security token included in the request is expired",
                "{\"Message\":\"User is not authorized\"} | User is not authorized",
                "{\"error\":\"no handler found\"} | no handler found",
                "<h1>503  Service Unavailable</h1> | <h1>503 Service Unavailable</h1>",
                "'' | an empty body",
            })
    void describesARejectedRequestInOneLine(String body, String reason) {
        assertThat(BulkResponse.whole(0, body.getBytes(StandardCharsets.UTF_8)))
                .hasToString("no usable response: " + reason);
    }

    @Test
    void cutsReasonsOff() {
        String longest = "x".repeat(500);

        assertThat(BulkResponse.whole(400, longest.getBytes(StandardCharsets.UTF_8))
                        .reason())
                .isEqualTo(longest);
        assertThat(BulkResponse.whole(400, (longest + "x").getBytes(StandardCharsets.UTF_8))
                        .reason())
                .isEqualTo(longest + "...");
    }

    @Test
    void readsStatusAndErrorTypeOfARejectedRequest() {
        assertThat(BulkResponse.whole(400, """
                {"error":{"type":"illegal_argument_exception","reason":"not\\nallowed"},"status":400}""".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new Item(400, "illegal_argument_exception", "not allowed"))
                .hasToString("status 400: illegal_argument_exception: not allowed");
    }

    private static List<Item> read(String body) throws IOException {
        return BulkResponse.read(body.getBytes(StandardCharsets.UTF_8), SENT);
    }
}
