package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.search.FakeSearchEngine.Bulk;
import io.taxistream.search.FakeSearchEngine.Document;
import io.taxistream.search.FakeSearchEngine.Fault;
import io.taxistream.search.FakeSearchEngine.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.util.TestStreamEnvironment;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole jobs against an engine that fails in every way: each document is stored or dead, and none is missing. */
@Timeout(60)
class SearchSinkJobTest {

    private static final String INDEX = "counts";
    private static final int DOCUMENTS = 5_000;
    private static final int REFUSED_EVERY = 250;

    private static final AtomicInteger FAILURES_TO_COME = new AtomicInteger();

    private final FakeSearchEngine engine = new FakeSearchEngine();

    private static InMemoryReporter metrics;
    private static MiniCluster cluster;
    private volatile JobID job;

    @BeforeAll
    static void startCluster() throws Exception {
        metrics = InMemoryReporter.createWithRetainedMetrics();
        cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(metrics.addToConfiguration(new Configuration()
                        .set(JobManagerOptions.SLOT_REQUEST_TIMEOUT, Duration.ofSeconds(10))
                        // restarting one of two independent tasks while a checkpoint of their coordinator begins ends
                        // Flink's process: OperatorCoordinatorHolder.closeGateways
                        .set(JobManagerOptions.EXECUTION_FAILOVER_STRATEGY, "full")))
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(2)
                .withRandomPorts()
                .build());
        cluster.start();
    }

    @AfterAll
    static void closeCluster() throws Exception {
        cluster.close();
        metrics.close();
    }

    @AfterEach
    void close() {
        engine.close();
    }

    static Stream<Arguments> faults() {
        Refusal busy = new Refusal(429, "es_rejected_execution_exception", "queue is full");
        Refusal bad = new Refusal(400, "mapper_parsing_exception", "not a number");
        return Stream.of(
                fault("bulk throttled", engine -> FakeSearchEngine.status(429, FakeSearchEngine.THROTTLED)),
                fault("bulk unavailable", engine -> FakeSearchEngine.status(503, "no server is available")),
                fault("bad gateway", engine -> FakeSearchEngine.status(502, "<html>Bad Gateway</html>")),
                fault(
                        "documents throttled",
                        engine -> engine.answering(
                                document -> document.id().hashCode() % 3 == 0 ? Optional.of(busy) : Optional.empty())),
                fault(
                        "refused among throttled",
                        engine -> engine.answering(document -> Optional.of(isRefused(document) ? bad : busy))),
                fault("connection cut", FakeSearchEngine::cutConnection),
                fault("truncated answer", FakeSearchEngine::truncatedJson),
                fault("not JSON", engine -> FakeSearchEngine.status(200, "<html>Sign in</html>")),
                fault("answer to others", FakeSearchEngine::answersInAnotherOrder),
                fault("no answer", FakeSearchEngine::silence));
    }

    private interface FaultOf {
        Fault of(FakeSearchEngine engine);
    }

    private static Arguments fault(String name, FaultOf fault) {
        return Arguments.of(Named.of(name, fault));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void everyDocumentIsStoredOrADeadLetter(FaultOf fault) throws Exception {
        engine.refuse(SearchSinkJobTest::isRefused, 400, "mapper_parsing_exception", "not a number");
        for (int i = 0; i < 10; i++) {
            engine.failNextRequests(fault.of(engine));
        }

        run(sink());

        assertEachIsStoredOrADeadLetter();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sendsPlainAndCompressed(boolean compressed) throws Exception {
        run(sink().compressed(compressed));

        assertThat(engine.index(INDEX)).hasSize(DOCUMENTS);
        assertThat(engine.bulks)
                .extracting(Bulk::headers)
                .allSatisfy(headers ->
                        assertThat(headers.containsKey("content-encoding")).isEqualTo(compressed));
    }

    @Test
    void survivesAnOutageOfTheEngine() throws Exception {
        engine.stopListening();
        CompletableFuture<Void> done = CompletableFuture.runAsync(() -> {
            try {
                run(sink());
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        Awaitility.await()
                .atMost(Duration.ofSeconds(50))
                .until(() -> job != null && sum(SearchSink.DOCUMENTS_RETRIED_METRIC) > 0);

        engine.rebind();
        done.join();

        assertThat(engine.index(INDEX)).hasSize(DOCUMENTS);
    }

    @Test
    void nothingIsLostWhenTheJobFailsAndRestarts() throws Exception {
        engine.refuse(SearchSinkJobTest::isRefused, 400, "mapper_parsing_exception", "not a number");
        for (int i = 0; i < 10; i++) {
            engine.failNextRequests(FakeSearchEngine.status(429, FakeSearchEngine.THROTTLED), engine.truncatedJson());
        }
        run(sink(), 3);

        assertThat(FAILURES_TO_COME).hasValue(0);
        assertEachIsStoredOrADeadLetter();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void lastDocumentOfAnIdWins(int restarts) throws Exception {
        Random random = new Random(7);
        Refusal busy = new Refusal(429, "es_rejected_execution_exception", "queue is full");
        for (int i = 0; i < 100; i++) {
            engine.failNextRequests(
                    engine.answering(document -> random.nextInt(3) == 0 ? Optional.of(busy) : Optional.empty()),
                    FakeSearchEngine.status(503, ""));
        }

        run(
                sink().bulkActions(10)
                        .documents(number -> SearchDocument.of(
                                INDEX, (number * 2 / DOCUMENTS) + "-" + number % 20, "{\"number\":" + number + "}")),
                restarts);

        // each half of the numbers goes to one of the two writers
        assertThat(engine.index(INDEX)).hasSize(40);
        for (int half = 0; half < 2; half++) {
            for (int last = DOCUMENTS / 2 - 20; last < DOCUMENTS / 2; last++) {
                int number = half * DOCUMENTS / 2 + last;
                assertThat(engine.index(INDEX)).containsEntry(half + "-" + number % 20, "{\"number\":" + number + "}");
            }
        }
    }

    @Test
    void failsWithOneLineWhenAccessIsDenied() {
        engine.failNextRequests(FakeSearchEngine.status(403, "{\"message\":\"User is not authorized\"}"));

        assertThatThrownBy(() -> run(sink()))
                .rootCause()
                .hasMessageContaining("status 403: User is not authorized; check the credentials")
                .message()
                .hasLineCount(1);
    }

    @Test
    void checkpointsAndJobDoNotWaitIndefinitely() {
        engine.refuse(document -> true, 429, "es_rejected_execution_exception", "queue is full");

        assertThatThrownBy(() -> run(sink().retryTimeout(Duration.ofSeconds(1))))
                .rootCause()
                .hasMessageContaining("could not be stored within")
                .hasMessageContaining("queue is full; check the search engine, or allow more time to retry")
                .message()
                .hasLineCount(1);
    }

    @Test
    void installsTemplatesBeforeTheFirstDocument() throws Exception {
        var templates = IndexTemplate.readAll("taxi", """
                {"counts": {"template": {"mappings": {"properties": {"n": {"type": "long"}}}}}}""");
        engine.failNextRequests((exchange, documents) -> {
            if (engine.templates.isEmpty()) {
                engine.stored.put("too/early", "");
            }
            FakeSearchEngine.status(503, "").answer(exchange, documents);
        });

        run(sink().indexTemplates(templates));

        assertThat(engine.templates).containsOnlyKeys("taxi-counts");
        assertThat(engine.stored).doesNotContainKey("too/early").hasSize(DOCUMENTS);
    }

    @Test
    void countsTheOutcomeOfDocuments() throws Exception {
        engine.refuse(SearchSinkJobTest::isRefused, 400, "mapper_parsing_exception", "not a number");
        engine.failNextRequests(FakeSearchEngine.status(429, FakeSearchEngine.THROTTLED));

        run(sink());

        int refused = DOCUMENTS / REFUSED_EVERY;
        assertThat(sum(SearchSink.DOCUMENTS_STORED_METRIC)).isEqualTo(DOCUMENTS - refused);
        assertThat(sum(SearchSink.BYTES_STORED_METRIC))
                .isEqualTo(engine.index(INDEX).values().stream()
                        .mapToLong(String::length)
                        .sum());
        assertThat(sum("numRecordsSend")).isGreaterThan(DOCUMENTS);
        assertThat(sum("numRecordsSendErrors")).isEqualTo(refused);
        assertThat(sum(SearchSink.DOCUMENTS_DEAD_METRIC)).isEqualTo(refused);
        assertThat(sum(SearchSink.DOCUMENTS_RETRIED_METRIC)).isPositive();
        assertThat(sum("numBytesSend")).isGreaterThan(sum(SearchSink.BYTES_STORED_METRIC));
        assertThat(all("currentSendTime", Gauge.class)).isNotEmpty();
        assertThat(all(SearchSink.BULK_REQUESTS_IN_FLIGHT_METRIC, Gauge.class))
                .isNotEmpty()
                .allSatisfy(inFlight -> assertThat(inFlight.getValue()).isEqualTo(0));
        assertThat(all(SearchSink.BULK_LATENCY_METRIC, Histogram.class))
                .isNotEmpty()
                .anySatisfy(latency -> assertThat(latency.getCount()).isPositive());
    }

    private static boolean isRefused(Document document) {
        return document.index().equals(INDEX) && Integer.parseInt(document.id()) % REFUSED_EVERY == 0;
    }

    private void assertEachIsStoredOrADeadLetter() {
        Map<String, String> stored = engine.index(INDEX);
        Map<String, String> dead = engine.index(INDEX + "-dead-letter");
        for (int number = 0; number < DOCUMENTS; number++) {
            String id = "" + number;
            if (number % REFUSED_EVERY == 0) {
                assertThat(dead.get(id)).contains("{\\\"number\\\":" + id + "}", "not a number");
            } else {
                assertThat(stored.remove(id)).isEqualTo("{\"number\":" + id + "}");
            }
        }
        assertThat(stored).isEmpty();
        assertThat(dead).hasSize(DOCUMENTS / REFUSED_EVERY);
    }

    private SearchSink.Builder<Long> sink() {
        return SearchSink.<Long>builder()
                .endpoint(engine.endpoint())
                .bulkActions(100)
                .flushInterval(Duration.ofMillis(20))
                .requestTimeout(Duration.ofMillis(300))
                .retryDelays(Duration.ofMillis(2), Duration.ofMillis(20))
                .documents(number -> SearchDocument.of(INDEX, "" + number, "{\"number\":" + number + "}"));
    }

    private void run(SearchSink.Builder<Long> sink) throws Exception {
        run(sink, 0);
    }

    private void run(SearchSink.Builder<Long> sink, int restarts) throws Exception {
        FAILURES_TO_COME.set(restarts);
        Configuration configuration = new Configuration()
                .set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay")
                .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, restarts)
                .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));
        StreamExecutionEnvironment env = new TestStreamEnvironment(cluster, configuration, 2, List.of(), List.of());
        env.enableCheckpointing(50);
        env.fromSequence(0, DOCUMENTS - 1)
                .map(new FailingOccasionally())
                .sinkTo(sink.build())
                .name("search");
        JobClient client = env.executeAsync();
        job = client.getJobID();
        client.getJobExecutionResult().get();
    }

    private long sum(String counter) {
        return all(counter, Counter.class).stream().mapToLong(Counter::getCount).sum();
    }

    private <M> List<M> all(String name, Class<M> type) {
        return metrics.findMetrics(job, ".*\\." + name).values().stream()
                .map(type::cast)
                .toList();
    }

    /** Fails once, now and then, as often as was asked for. */
    private static final class FailingOccasionally implements MapFunction<Long, Long> {

        private int seen;

        @Override
        public Long map(Long number) {
            seen++;
            if (seen % 500 == 0 && FAILURES_TO_COME.getAndUpdate(failures -> Math.max(0, failures - 1)) > 0) {
                throw new IllegalStateException("failure on purpose");
            }
            return number;
        }
    }
}
