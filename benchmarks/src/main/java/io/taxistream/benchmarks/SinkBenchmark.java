package io.taxistream.benchmarks;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.taxistream.benchmarks.RecordedBulks.Bulk;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.SearchService;
import io.taxistream.search.SearchDocument;
import io.taxistream.search.SearchSink;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Measures the documents per second that one writer of the sink stores in OpenSearch, by bulk size and number of bulk
 * requests in flight. The upper bound is a loop that sends the same requests, recorded beforehand, and checks responses
 * for errors only.
 *
 * <p>Both are measured from the first document to the last acknowledgement, in turn, with an empty index each time. The
 * engine runs in a separate process on the same machine, so that CPU time spent in the sink is lost to the engine.
 */
final class SinkBenchmark {

    /** Enough for several seconds, so that starting a job and compiling its code hardly counts. */
    static final int DOCUMENTS = 240_000;

    private static final int[] BULK_ACTIONS = {250, 1_000, 4_000};
    private static final int[] IN_FLIGHT = {1, 2, 4};

    private static final String INDEX = "sink-benchmark";
    private static final Path TEMPLATES = Path.of("kibana-dashboards", "index-templates.json");
    private static final Path ENGINE_LOG = Path.of("benchmarks", "target", "opensearch.log");
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /** Held in this process, where the tasks of the job run as well. */
    private static SearchDocument[] documents = {};

    private static volatile Instant first = Instant.now();
    private static volatile Instant last = first;

    private final URI engine;

    /** Requests of the sink by bulk size. */
    private final Map<Integer, List<Bulk>> recorded = new HashMap<>();

    private SinkBenchmark(URI engine) {
        this.engine = engine;
    }

    /** CPU time of this process and wall-clock time at one moment. */
    private record Instant(long cpuNanos, long wallNanos) {

        static Instant now() {
            return new Instant(SYSTEM.getProcessCpuTime(), System.nanoTime());
        }
    }

    private record Shape(int bulkActions, int inFlight) {}

    private interface Variant {
        void store() throws Exception;
    }

    /** Measurements of a variant, by round. */
    private static final class Measurements {

        private final List<Double> documentsPerSecond = new ArrayList<>();
        private final List<Double> cpuSecondsPerMillion = new ArrayList<>();

        void add(Instant from, Instant to) {
            documentsPerSecond.add(DOCUMENTS * 1e9 / (to.wallNanos() - from.wallNanos()));
            cpuSecondsPerMillion.add((to.cpuNanos() - from.cpuNanos()) * 1e-3 / DOCUMENTS);
        }

        double latestPerSecond() {
            return documentsPerSecond.get(documentsPerSecond.size() - 1);
        }

        double medianPerSecond() {
            return median(documentsPerSecond);
        }

        double medianCpuSeconds() {
            return median(cpuSecondsPerMillion);
        }

        /** Compares measurements of the same round, which were taken under the same load on the machine. */
        double medianRatioTo(Measurements others) {
            return median(IntStream.range(0, documentsPerSecond.size())
                    .mapToObj(i -> documentsPerSecond.get(i) / others.documentsPerSecond.get(i))
                    .toList());
        }

        private static double median(List<Double> values) {
            double[] sorted =
                    values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        }
    }

    static Table run(int rounds) throws Exception {
        documents = new SearchDocument[DOCUMENTS];
        Arrays.setAll(documents, SinkBenchmark::document);
        Path folder = Files.createTempDirectory("sink-benchmark-");
        try (SearchService service =
                SearchService.start(new Installation(Path.of("").toAbsolutePath()), folder, ENGINE_LOG)) {
            return new SinkBenchmark(service.awaitReady()).measure(rounds);
        }
    }

    private static SearchDocument document(int number) {
        return SearchDocument.of(
                INDEX,
                "dr5ru7-JFK-" + (1_451_606_999_999L + number),
                String.format(
                        Locale.ROOT,
                        "{\"timestamp\":%d,\"location\":\"dr5ru7\",\"airport_code\":\"JFK\",\"trip_count\":%d,"
                                + "\"sum_trip_duration\":%d.25,\"avg_trip_duration\":31.5}",
                        1_451_606_999_999L + number,
                        number % 17,
                        number % 911));
    }

    private Table measure(int rounds) throws Exception {
        Map<Shape, Measurements> loop = new LinkedHashMap<>();
        Map<Shape, Measurements> sink = new LinkedHashMap<>();
        for (int bulkActions : BULK_ACTIONS) {
            recorded.put(bulkActions, record(bulkActions));
        }
        measureAll(loop, sink, 0);
        loop.clear();
        sink.clear();
        for (int round = 1; round <= rounds; round++) {
            measureAll(loop, sink, round);
        }
        Table table = new Table(
                "bulk actions",
                "in flight",
                "loop, documents per second",
                "sink, documents per second",
                "ratio",
                "loop, CPU seconds per million",
                "sink, CPU seconds per million");
        loop.forEach((shape, floor) -> {
            Measurements measured = requireNonNull(sink.get(shape), "both measure the same shapes");
            table.add(
                    Table.count(shape.bulkActions()),
                    Table.count(shape.inFlight()),
                    Table.count(floor.medianPerSecond()),
                    Table.count(measured.medianPerSecond()),
                    Table.ratio(measured.medianRatioTo(floor)),
                    Table.tenths(floor.medianCpuSeconds()),
                    Table.tenths(measured.medianCpuSeconds()));
        });
        return table;
    }

    private void measureAll(Map<Shape, Measurements> loop, Map<Shape, Measurements> sink, int round) throws Exception {
        for (int bulkActions : BULK_ACTIONS) {
            for (int inFlight : IN_FLIGHT) {
                measure(new Shape(bulkActions, inFlight), loop, sink, round);
            }
        }
    }

    /** Alternates, because the engine may become faster or slower in the course of a run. */
    private void measure(Shape shape, Map<Shape, Measurements> loop, Map<Shape, Measurements> sink, int round)
            throws Exception {
        if (round % 2 == 0) {
            measureSink(shape, sink, round);
            measureLoop(shape, loop, round);
        } else {
            measureLoop(shape, loop, round);
            measureSink(shape, sink, round);
        }
    }

    private void measureLoop(Shape shape, Map<Shape, Measurements> loop, int round) throws Exception {
        List<Bulk> bulks = requireNonNull(recorded.get(shape.bulkActions()), "every size is recorded first");
        measure("round " + round + ", loop, " + shape, () -> send(bulks, shape.inFlight()), of(shape, loop));
    }

    private void measureSink(Shape shape, Map<Shape, Measurements> sink, int round) throws Exception {
        measure("round " + round + ", sink, " + shape, () -> runJob(engine, shape), of(shape, sink));
    }

    private static Measurements of(Shape shape, Map<Shape, Measurements> measurements) {
        return measurements.computeIfAbsent(shape, key -> new Measurements());
    }

    private void measure(String what, Variant variant, Measurements measurements) throws Exception {
        createIndex();
        System.gc();
        variant.store();
        measurements.add(first, last);
        requireAllStored();
        System.err.printf(Locale.ROOT, "%s: %,.0f documents per second%n", what, measurements.latestPerSecond());
    }

    /** Runs the shipped sink with documents from memory. */
    private static void runJob(URI engine, Shape shape) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        var source =
                new DataGeneratorSource<>(SinkBenchmark::next, DOCUMENTS, TypeInformation.of(SearchDocument.class));
        SearchSink<SearchDocument> sink = SearchSink.<SearchDocument>builder()
                .endpoint(engine)
                .bulkActions(shape.bulkActions())
                .maxInFlightRequests(shape.inFlight())
                .documents(document -> document)
                .build();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "Documents").sinkTo(new Timed(sink));
        env.execute("benchmark");
    }

    private static SearchDocument next(long number) {
        if (number == 0) {
            first = Instant.now();
        }
        return documents[Math.toIntExact(number)];
    }

    /** Records when all documents are acknowledged, because the job ends later. */
    private record Timed(SearchSink<SearchDocument> sink) implements Sink<SearchDocument> {

        @Override
        @SuppressWarnings("try") // closing a writer of Flink may be interrupted
        public SinkWriter<SearchDocument> createWriter(WriterInitContext context) throws IOException {
            SinkWriter<SearchDocument> writer = sink.createWriter(context);
            return new SinkWriter<>() {
                @Override
                public void write(SearchDocument document, Context written) throws IOException, InterruptedException {
                    writer.write(document, written);
                }

                @Override
                public void flush(boolean endOfInput) throws IOException, InterruptedException {
                    writer.flush(endOfInput);
                    last = Instant.now();
                }

                @Override
                public void close() throws Exception {
                    writer.close();
                }
            };
        }

        @Override
        @SuppressWarnings("deprecation") // Flink 1.20 still declares it but calls the method above
        public SinkWriter<SearchDocument> createWriter(InitContext context) {
            throw new UnsupportedOperationException("use createWriter(WriterInitContext)");
        }
    }

    private void send(List<Bulk> bulks, int inFlight) throws Exception {
        Semaphore free = new Semaphore(inFlight);
        CompletableFuture<Void> failure = new CompletableFuture<>();
        first = Instant.now();
        for (Bulk bulk : bulks) {
            free.acquire();
            HttpRequest request = HttpRequest.newBuilder(engine.resolve(bulk.target()))
                    .header("Content-Type", "application/json")
                    .header("Content-Encoding", "gzip")
                    .POST(BodyPublishers.ofByteArray(bulk.body()))
                    .build();
            var unused = CLIENT.sendAsync(request, BodyHandlers.ofString()).whenComplete((response, e) -> {
                if (e != null) {
                    failure.completeExceptionally(e);
                } else if (!response.body().startsWith("{\"errors\":false")) {
                    failure.completeExceptionally(new IOException("a bulk request failed: " + response.body()));
                }
                free.release();
            });
        }
        free.acquire(inFlight);
        last = Instant.now();
        if (failure.isCompletedExceptionally()) {
            failure.join();
        }
    }

    /** Sends one request at a time, so that they are recorded in order. */
    private static List<Bulk> record(int bulkActions) throws Exception {
        try (var recordedBulks = new RecordedBulks()) {
            runJob(recordedBulks.endpoint(), new Shape(bulkActions, 1));
            return recordedBulks.bulks();
        }
    }

    /** Creates an empty index with the mapping and settings that the job uses for such documents. */
    private void createIndex() throws Exception {
        JsonNode template = JSON.readTree(Files.readString(TEMPLATES)).at("/trip-duration/template");
        ask("DELETE", "/" + INDEX + "?ignore_unavailable=true", "");
        ask("PUT", "/" + INDEX, template.toString());
    }

    private void requireAllStored() throws Exception {
        ask("POST", "/" + INDEX + "/_refresh", "");
        int stored = ask("GET", "/" + INDEX + "/_count", "").get("count").intValue();
        if (stored != DOCUMENTS) {
            throw new IllegalStateException("only " + stored + " of " + DOCUMENTS + " documents are stored");
        }
    }

    private JsonNode ask(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(engine.resolve(path))
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        var response = CLIENT.send(request, BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IOException(
                    method + " " + path + " returned status " + response.statusCode() + ": " + response.body());
        }
        return JSON.readTree(response.body());
    }
}
