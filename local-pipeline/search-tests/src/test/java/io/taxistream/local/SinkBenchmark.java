package io.taxistream.local;

import io.taxistream.processor.search.SearchDocument;
import io.taxistream.processor.search.SearchSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Documents a second that one writer of the sink stores, by bulk size and requests in flight, beside a bare loop that sends
 * the same bytes to the same engine; not a test.
 *
 * <p>How to run: {@code mvn package -DskipTests}, then this main method with the test class path of this module, in its
 * folder.
 */
final class SinkBenchmark {

    private static final int[] BULK_ACTIONS = {250, 1_000, 4_000};
    private static final int[] IN_FLIGHT = {1, 2, 4};

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private SinkBenchmark() {}

    /** Prints a line for each combination; the only argument is how many documents to store for each. */
    public static void main(String[] args) throws Exception {
        int documents = args.length == 0 ? 100_000 : Integer.parseInt(args[0]);
        try (RunningEngine engine =
                RunningEngine.start(Engine.OPENSEARCH_2, Files.createTempDirectory("sink-benchmark-"))) {
            // whatever comes first warms the engine up
            loop(engine.address(), "warm-up", documents, 1_000, 2);
            sink(engine.address(), "warm-up", documents, 1_000, 2);
            System.out.println("bulk actions | in flight | bare loop, documents/s | sink, documents/s | ratio");
            for (int bulkActions : BULK_ACTIONS) {
                for (int inFlight : IN_FLIGHT) {
                    String index = bulkActions + "-" + inFlight;
                    double loop = loop(engine.address(), "loop-" + index, documents, bulkActions, inFlight);
                    double sink = sink(engine.address(), "sink-" + index, documents, bulkActions, inFlight);
                    System.out.printf(
                            Locale.ROOT,
                            "%12d | %9d | %22.0f | %17.0f | %.2f%n",
                            bulkActions,
                            inFlight,
                            loop,
                            sink,
                            sink / loop);
                }
            }
        }
    }

    private static String source(long number) {
        return ("{\"timestamp\":%d,\"location\":\"dr5ru7\",\"airport_code\":\"JFK\",\"trip_count\":%d,"
                        + "\"sum_trip_duration\":%d.25,\"avg_trip_duration\":31.5}")
                .formatted(1_451_606_999_999L + number, number % 17, number % 911);
    }

    private static double sink(URI engine, String index, int documents, int bulkActions, int inFlight)
            throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        env.getConfig().enableObjectReuse();
        env.fromSequence(0, documents - 1)
                .map(number -> SearchDocument.of(index, "dr5ru7-JFK-" + number, source(number)))
                .returns(SearchDocument.class)
                .sinkTo(SearchSink.<SearchDocument>builder()
                        .endpoint(engine)
                        .bulkActions(bulkActions)
                        .maxInFlightRequests(inFlight)
                        .documents(document -> document)
                        .build());
        var result = env.execute();
        return documents * 1_000.0 / result.getNetRuntime();
    }

    private static double loop(URI engine, String index, int documents, int bulkActions, int inFlight)
            throws Exception {
        URI bulk = engine.resolve("/_bulk?filter_path=errors,items.*._id,items.*.status");
        Semaphore free = new Semaphore(inFlight);
        CompletableFuture<Void> failure = new CompletableFuture<>();
        long startNanos = System.nanoTime();
        for (int first = 0; first < documents; first += bulkActions) {
            byte[] body = body(index, first, Math.min(documents, first + bulkActions));
            free.acquire();
            var unused = CLIENT.sendAsync(
                            HttpRequest.newBuilder(bulk)
                                    .header("Content-Type", "application/json")
                                    .header("Content-Encoding", "gzip")
                                    .POST(BodyPublishers.ofByteArray(body))
                                    .build(),
                            BodyHandlers.ofString())
                    .whenComplete((response, e) -> {
                        if (e != null || !response.body().startsWith("{\"errors\":false")) {
                            failure.completeExceptionally(
                                    new IOException("a bulk request failed: " + (e == null ? response.body() : e)));
                        }
                        free.release();
                    });
        }
        free.acquire(inFlight);
        if (failure.isCompletedExceptionally()) {
            failure.join();
        }
        return documents * 1e9 / (System.nanoTime() - startNanos);
    }

    private static byte[] body(String index, int from, int to) throws IOException {
        var bytes = new ByteArrayOutputStream(1 << 16);
        try (var gzip = new FastGzip(bytes)) {
            for (int number = from; number < to; number++) {
                gzip.write(("{\"index\":{\"_index\":\"" + index + "\",\"_id\":\"dr5ru7-JFK-" + number + "\"}}\n"
                                + source(number) + "\n")
                        .getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    /** The level of compression that the sink uses. */
    private static final class FastGzip extends GZIPOutputStream {

        FastGzip(ByteArrayOutputStream out) throws IOException {
            super(out, 1 << 13);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
