package io.taxistream.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.FakeHttpServer;
import io.taxistream.local.FakeHttpServer.Request;
import io.taxistream.local.FakeHttpServer.Response;
import io.taxistream.local.page.TimeRange;
import io.taxistream.local.services.Indices;
import io.taxistream.local.services.SearchClient;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ResultFeedTest {

    private static final long TIMESTAMP = 1_448_986_199_999L;

    private final Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    private final Indices indices = Indices.DEFAULT;

    @Test
    void chartsPickupCounts() throws IOException {
        try (var server = new FakeHttpServer(request -> answer(request, indices.pickupCount(), "pickup_count", "7"))) {
            SearchClient search = new SearchClient(server.address());

            var results = new ResultFeed(search, clock, indices.pickupCount(), "pickup_count", indices.tripDuration());

            assertThat(results.timeline(0, Optional.empty()).get("steps").toString())
                    .isEqualTo("[{\"start\":1448985600000,\"timestamp\":1448986199999,\"pickups\":7,"
                            + "\"airports\":{\"JFK\":[3,91.5]}}]");
            assertThat(results.map(TIMESTAMP, 1).toString())
                    .isEqualTo("{\"cells\":{\"dr5ru7\":7},\"durations\":{\"JFK\":{\"dr5ru7\":[3,91.5]}}}");
        }
    }

    /** The example of docs/extending.md. */
    @Test
    void chartsAnotherIndex() throws IOException {
        try (var server = new FakeHttpServer(
                request -> answer(request, "taxi-dashboard-dropoff-takings", "total_amount", "19.4"))) {
            SearchClient searchClient = new SearchClient(server.address());

            // tag::map[]
            var results = new ResultFeed(
                    searchClient, clock, "taxi-dashboard-dropoff-takings", "total_amount", indices.tripDuration());
            // end::map[]

            assertThat(results.map(TIMESTAMP, 1).get("cells").toString()).isEqualTo("{\"dr5ru7\":19}");
        }
    }

    @Test
    void queriesOnlyDisplayedWindows() throws IOException {
        try (var server = new FakeHttpServer(request -> answer(request, indices.pickupCount(), "pickup_count", "7"))) {
            var results = new ResultFeed(
                    new SearchClient(server.address()),
                    clock,
                    indices.pickupCount(),
                    "pickup_count",
                    indices.tripDuration());

            results.map(TIMESTAMP, 6);
            results.timeline(0, Optional.of(new TimeRange(TIMESTAMP - 1_000, TIMESTAMP)));

            assertThat(server.requests().get(0).body())
                    .contains("\"gte\":" + (TIMESTAMP - 3_600_000 + 1) + ",\"lte\":" + TIMESTAMP);
            assertThat(server.requests())
                    .filteredOn(request -> request.path().contains(","))
                    .singleElement()
                    .satisfies(request -> assertThat(request.body())
                            .contains("\"gte\":" + (TIMESTAMP - 1_000) + ",\"lte\":" + TIMESTAMP));
        }
    }

    @Test
    void queriesMoreOftenUntilThereAreResults() throws IOException {
        AtomicBoolean isStored = new AtomicBoolean();
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        InstantSource time = now::get;
        try (var server = new FakeHttpServer(request -> isStored.get()
                ? answer(request, indices.pickupCount(), "pickup_count", "7")
                : new Response(200, "{\"aggregations\":{\"first\":{\"value\":null}}}"))) {
            var results = new ResultFeed(
                    new SearchClient(server.address()),
                    time.withZone(ZoneOffset.UTC),
                    indices.pickupCount(),
                    "pickup_count",
                    indices.tripDuration());
            results.timeline(0, Optional.empty());
            results.timeline(0, Optional.empty());
            assertThat(queries(server)).isEqualTo(1);

            now.set(Instant.ofEpochMilli(100));
            results.timeline(0, Optional.empty());
            assertThat(queries(server)).as("without results").isEqualTo(2);

            isStored.set(true);
            now.set(Instant.ofEpochMilli(200));
            assertThat(results.timeline(0, Optional.empty()).get("steps")).hasSize(1);
            now.set(Instant.ofEpochMilli(699));
            results.timeline(0, Optional.empty());
            assertThat(queries(server)).as("with results").isEqualTo(3);

            now.set(Instant.ofEpochMilli(700));
            results.timeline(0, Optional.empty());
            assertThat(queries(server)).isEqualTo(4);
        }
    }

    /** Returns the number of times that the limits of the timeline were queried. */
    private static long queries(FakeHttpServer server) {
        return server.requests().stream()
                .filter(request -> request.body().contains("\"first\""))
                .count();
    }

    /** Answers as an engine with one document in each index, followed by an empty page of documents. */
    private Response answer(Request request, String mapIndex, String mapField, String number) {
        String path = URI.create(request.path()).getPath();
        String body = request.body();
        if (body.contains("date_histogram") && path.equals("/" + mapIndex + "/_search")) {
            assertThat(body).contains("{\"sum\":{\"field\":\"" + mapField + "\"}}");
            return step("\"pickups\":{\"value\":" + number + "}");
        }
        if (body.contains("date_histogram")) {
            assertThat(path).isEqualTo("/" + indices.tripDuration() + "/_search");
            return step("\"airports\":{\"buckets\":[{\"key\":\"JFK\",\"trips\":{\"value\":3.0},"
                    + "\"minutes\":{\"value\":91.5}}]}");
        }
        if (body.contains("geohash_grid")) {
            assertThat(body).contains("{\"sum\":{\"field\":\"" + mapField + "\"}}");
            return new Response(
                    200,
                    "{\"aggregations\":{\"cells\":{\"buckets\":[{\"key\":\"dr5ru7\",\"sum\":{\"value\":" + number
                            + "}}]}}}");
        }
        if (body.contains("\"first\"")) {
            return new Response(
                    200,
                    "{\"aggregations\":{\"first\":{\"value\":1.448986199999E12},\"last\":{\"value\":1.448986199999E12}}}");
        }
        boolean isFirstPage = path.equals("/" + indices.tripDuration() + "/_search");
        String document = "{\"_id\":\"dr5ru7-JFK-1448986199999\",\"_source\":{\"timestamp\":1448986199999,"
                + "\"location\":\"dr5ru7\",\"airport_code\":\"JFK\",\"trip_count\":3,\"sum_trip_duration\":91.5}}";
        return new Response(200, "{\"_scroll_id\":\"s\",\"hits\":{\"hits\":[" + (isFirstPage ? document : "") + "]}}");
    }

    private static Response step(String sums) {
        return new Response(
                200,
                "{\"aggregations\":{\"steps\":{\"buckets\":[{\"key\":1448985600000,\"doc_count\":1,"
                        + "\"last\":{\"value\":1.448986199999E12}," + sums + "}]}}}");
    }
}
