package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.taxistream.local.faults.RequestCheck;
import io.taxistream.local.faults.SearchFault;
import io.taxistream.local.faults.SearchFaultRule;
import io.taxistream.local.faults.SearchProxy;
import io.taxistream.local.services.SearchClient;
import io.taxistream.search.IndexTemplate;
import io.taxistream.search.SearchDocument;
import io.taxistream.search.SearchSink;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs whole jobs against a real engine behind a failing proxy: each document must be stored once or be a dead letter, and the
 * dead letters must be the expected ones.
 */
class FaultMatrixIT {

    private static final int FEW = 2_000;
    private static final int MANY = 20_000;
    private static final int REFUSED_EVERY = 500;
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(3);

    /** The faults of the matrix. */
    private enum Fault {
        BULK_THROTTLED {
            @Override
            void begin(SearchProxy proxy) {
                proxy.add(SearchFaultRule.onBulks(new SearchFault.Status(429, false))
                        .withProbability(0.4)
                        .times(15));
            }
        },
        BULK_UNAVAILABLE {
            @Override
            void begin(SearchProxy proxy) {
                proxy.add(SearchFaultRule.onBulks(new SearchFault.Status(503, true))
                        .withProbability(0.4)
                        .times(15));
            }
        },
        DOCUMENTS_THROTTLED {
            @Override
            void begin(SearchProxy proxy) {
                proxy.add(SearchFaultRule.onBulks(SearchFault.RejectDocuments.throttled(0.3, new Random(1)))
                        .times(15));
            }
        },
        /** The engine itself rejects one document of a request while nearly all others are throttled. */
        REFUSED_AMONG_THROTTLED {
            @Override
            void begin(SearchProxy proxy) {
                proxy.add(SearchFaultRule.onBulks(SearchFault.RejectDocuments.throttled(
                                document -> !isRefused(Long.parseLong(document.id()))))
                        .withProbability(0.5)
                        .times(15));
            }
        },
        REFUSED_CONNECTIONS {
            @Override
            void begin(SearchProxy proxy) {
                proxy.refuseConnections(Duration.ofSeconds(20));
            }
        },
        CUT_ANSWER {
            @Override
            void begin(SearchProxy proxy) {
                proxy.add(SearchFaultRule.onBulks(new SearchFault.TruncatedResponse())
                        .withProbability(0.5)
                        .times(15));
            }
        },
        LATE_ANSWER {
            @Override
            void begin(SearchProxy proxy) {
                proxy.add(SearchFaultRule.onBulks(new SearchFault.DelayedResponse(REQUEST_TIMEOUT.multipliedBy(2)))
                        .withProbability(0.3)
                        .times(4));
            }
        },
        TRUNCATED_BODY {
            @Override
            void begin(SearchProxy proxy) {
                proxy.add(SearchFaultRule.onBulks(new SearchFault.TruncatedBody())
                        .withProbability(0.5)
                        .times(15));
            }
        },
        NOT_JSON {
            @Override
            void begin(SearchProxy proxy) {
                proxy.add(SearchFaultRule.onBulks(new SearchFault.NotJson())
                        .withProbability(0.5)
                        .times(15));
            }
        };

        abstract void begin(SearchProxy proxy);
    }

    private static final List<String> TABLE = new ArrayList<>();

    @AfterAll
    static void writeTable() throws Exception {
        if (!TABLE.isEmpty()) {
            Files.writeString(
                    Path.of("target", "fault-matrix.md"),
                    "| fault | times | documents | stored | dead | missing | seconds |\n"
                            + "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
                            + String.join("", TABLE));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"BULK_THROTTLED", "DOCUMENTS_THROTTLED", "REFUSED_AMONG_THROTTLED", "CUT_ANSWER"})
    void eachOfAFewDocumentsIsStoredOrADeadLetter(Fault fault) throws Exception {
        eachDocumentIsStoredOrDead(fault, FEW);
    }

    @Tag("full")
    @ParameterizedTest
    @EnumSource(Fault.class)
    void eachOfManyDocumentsIsStoredOrADeadLetter(Fault fault) throws Exception {
        eachDocumentIsStoredOrDead(fault, MANY);
    }

    private static void eachDocumentIsStoredOrDead(Fault fault, int documents) throws Exception {
        var engine = RunningEngine.shared(Engine.OPENSEARCH_2).address();
        String index = fault.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + documents;
        try (SearchProxy proxy = SearchProxy.start(engine)) {
            fault.begin(proxy);

            long startNanos = System.nanoTime();
            SinkJob.store(documents, number -> document(index, number), sink(proxy, index));
            long nanos = System.nanoTime() - startNanos;

            long times = proxy.injected().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            assertThat(times).isPositive();
            assertEachIsStoredOrADeadLetter(new SearchClient(engine), index, documents, fault.name(), times, nanos);
        }
    }

    /** Uses the sink's default bulk size; without the storm 20 requests would suffice. */
    @Test
    void shortThrottlingCostsFewRequests() throws Exception {
        var engine = RunningEngine.shared(Engine.OPENSEARCH_2).address();
        AtomicInteger requests = new AtomicInteger();
        RequestCheck counting = request -> {
            requests.incrementAndGet();
            return Optional.empty();
        };
        try (SearchProxy proxy = SearchProxy.start(() -> engine, counting, new Random(1))) {
            proxy.add(SearchFaultRule.onBulks(new SearchFault.Status(503, true)).lasting(Duration.ofSeconds(5)));

            long startNanos = System.nanoTime();
            SinkJob.store(
                    MANY,
                    number -> document("storm", number),
                    sink(proxy, "storm").bulkActions(SearchSink.DEFAULT_BULK_ACTIONS));
            long nanos = System.nanoTime() - startNanos;

            assertEachIsStoredOrADeadLetter(new SearchClient(engine), "storm", MANY, "STORM", requests.get(), nanos);
            assertThat(requests.get()).isBetween(20, 80);
        }
    }

    @Tag("full")
    @Test
    void nothingIsLostWhenTheEngineRestarts(@TempDir Path folder) throws Exception {
        Path data = folder.resolve("data");
        AtomicReference<URI> engine = new AtomicReference<>();
        AtomicInteger requests = new AtomicInteger();
        RequestCheck counting = request -> {
            requests.incrementAndGet();
            return Optional.empty();
        };
        try (RunningEngine first =
                        RunningEngine.start(Engine.OPENSEARCH_2, data, Files.createDirectory(folder.resolve("first")));
                SearchProxy proxy = SearchProxy.start(engine::get, counting, new Random(1))) {
            engine.set(first.address());
            long startNanos = System.nanoTime();
            CompletableFuture<Void> job = CompletableFuture.runAsync(() -> {
                try {
                    SinkJob.store(
                            MANY,
                            number -> document("crash", number),
                            sink(proxy, "crash").bulkActions(100));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> requests.get() > 20);

            first.kill();
            assertThat(job).isNotDone();
            try (RunningEngine second =
                    RunningEngine.start(Engine.OPENSEARCH_2, data, Files.createDirectory(folder.resolve("second")))) {
                engine.set(second.address());
                job.get(3, TimeUnit.MINUTES);
                long nanos = System.nanoTime() - startNanos;

                assertEachIsStoredOrADeadLetter(
                        new SearchClient(second.address()), "crash", MANY, "NODE_KILLED_AND_STARTED", 1, nanos);
            }
        }
    }

    private static SearchSink.Builder<SearchDocument> sink(SearchProxy proxy, String index) {
        return SearchSink.<SearchDocument>builder()
                .endpoint(proxy.address())
                .bulkActions(200)
                .flushInterval(Duration.ofMillis(50))
                .requestTimeout(REQUEST_TIMEOUT)
                .indexTemplates(IndexTemplate.readAll(index, """
                        {"documents": {"template": {"mappings": {"properties": {
                            "number": {"type": "long"}, "location": {"type": "geo_point"}}}}}}"""));
    }

    private static boolean isRefused(long number) {
        return number % REFUSED_EVERY == 0;
    }

    private static SearchDocument document(String index, long number) {
        return SearchDocument.of(
                index + "-documents",
                "" + number,
                "{\"number\":%d,\"location\":\"%s\"}".formatted(number, isRefused(number) ? "nowhere" : "dr5ru7"));
    }

    /** Compares document by document, and adds a line to the table. */
    private static void assertEachIsStoredOrADeadLetter(
            SearchClient search, String index, int documents, String fault, long times, long nanos) throws Exception {
        Map<String, JsonNode> stored = all(search, index + "-documents");
        Map<String, JsonNode> dead = all(search, index + "-documents-dead-letter");
        int missing = documents - stored.size() - dead.size();
        TABLE.add(String.format(
                Locale.ROOT,
                "| %s | %d | %,d | %,d | %d | %d | %.1f |%n",
                fault,
                times,
                documents,
                stored.size(),
                dead.size(),
                missing,
                nanos / 1e9));
        for (int number = 0; number < documents; number++) {
            JsonNode document = (isRefused(number) ? dead : stored).remove("" + number);
            assertThat(document).as("document %d", number).isNotNull();
            if (isRefused(number)) {
                assertThat(document.get("status").asInt()).isEqualTo(400);
            } else {
                assertThat(document.get("number").asInt()).isEqualTo(number);
            }
        }
        assertThat(stored).isEmpty();
        assertThat(dead).isEmpty();
    }

    private static Map<String, JsonNode> all(SearchClient search, String index) throws Exception {
        search.refresh(index);
        Map<String, JsonNode> documents = new TreeMap<>();
        search.forEachDocument(index, documents::put);
        return documents;
    }
}
