package io.taxistream.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.FakeHttpServer;
import io.taxistream.local.FakeHttpServer.Request;
import io.taxistream.local.FakeHttpServer.Response;
import io.taxistream.local.services.Indices;
import io.taxistream.local.services.SearchClient;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ResultFeedTest {

    private final Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    private final Indices indices = Indices.DEFAULT;

    @Test
    void drawsTheTripsThatStarted() throws IOException {
        try (var server = new FakeHttpServer(request -> answer(request, indices.pickupCount(), "pickup_count", "7"))) {
            SearchClient search = new SearchClient(server.address());

            var results = new ResultFeed(search, clock, indices.pickupCount(), "pickup_count", indices.tripDuration());

            assertThat(results.changedSince(0).get("windows").toString())
                    .isEqualTo("[{\"timestamp\":1448986199999,\"pickups\":{\"dr5ru7\":7},\"durations\":{}}]");
        }
    }

    /** The example of docs/extending.md. */
    @Test
    void drawsTheNumberOfAnotherIndex() throws IOException {
        try (var server = new FakeHttpServer(
                request -> answer(request, "taxi-dashboard-dropoff-takings", "total_amount", "19.4"))) {
            SearchClient searchClient = new SearchClient(server.address());

            // tag::map[]
            var results = new ResultFeed(
                    searchClient, clock, "taxi-dashboard-dropoff-takings", "total_amount", indices.tripDuration());
            // end::map[]

            assertThat(results.changedSince(0).get("windows").toString())
                    .isEqualTo("[{\"timestamp\":1448986199999,\"pickups\":{\"dr5ru7\":19},\"durations\":{}}]");
        }
    }

    /** An engine with one document, of one index; and an empty page of documents behind it. */
    private static Response answer(Request request, String index, String field, String number) {
        URI address = URI.create(request.path());
        boolean isAsked = address.getPath().equals("/" + index + "/_search");
        if (isAsked && request.body().contains("aggs")) {
            assertThat(request.body()).contains("{\"sum\":{\"field\":\"" + field + "\"}}");
            return new Response(
                    200,
                    "{\"aggregations\":{\"windows\":{\"buckets\":[{\"key\":1448986199999,\"doc_count\":1,"
                            + "\"trips\":{\"value\":" + number + "},\"minutes\":{\"value\":" + number + "}}]}}}");
        }
        String document = "{\"_id\":\"dr5ru7-1448986199999\",\"_source\":{\"timestamp\":1448986199999,"
                + "\"location\":\"dr5ru7\",\"" + field + "\":" + number + "}}";
        return new Response(200, "{\"_scroll_id\":\"s\",\"hits\":{\"hits\":[" + (isAsked ? document : "") + "]}}");
    }
}
