package io.taxistream.benchmarks;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.eventtime.source.InitialPosition;
import io.taxistream.eventtime.source.KinesisSource;
import io.taxistream.local.faults.SearchProxy;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.SearchService;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.IncomingRecord;
import io.taxistream.processor.trips.PickupCount;
import io.taxistream.processor.trips.TripAnalysis;
import io.taxistream.processor.trips.TripDuration;
import io.taxistream.search.IndexTemplate;
import io.taxistream.search.SearchDocument;
import io.taxistream.search.SearchSink;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Measures the latency from the watermark that closes a window to the documents that a search finds, by stage. Runs the
 * shipped producer, an embedded Kinesis of eight shards, the project's source, analysis and sink on Flink, and
 * OpenSearch in a separate process. The replay is paced by the clock at a given speed-up.
 *
 * <p>There are few trips, so that nothing waits in a queue: the figures show deliberate delays and the time to pass
 * from one component to the next.
 */
final class LatencyBenchmark {

    private static final int SHARDS = 8;
    private static final int PARALLELISM = 2;
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(5);
    private static final Path INDEX_TEMPLATES = Path.of("kibana-dashboards", "index-templates.json");
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final long WARM_UP_SPEEDUP = 1440;
    private static final Duration WARM_UP = Duration.ofSeconds(20);

    /**
     * Duration of each measurement by speed-up. Slower event time gets longer, though it still closes fewer windows.
     */
    private static final Map<Long, Duration> MEASURED = new LinkedHashMap<>();

    static {
        MEASURED.put(60L, Duration.ofSeconds(150));
        MEASURED.put(1440L, Duration.ofSeconds(50));
        MEASURED.put(6480L, Duration.ofSeconds(40));
    }

    /** Samples of the current run, written by the functions of the job, which run in this process. */
    private static volatile LatencySamples samples = new LatencySamples(PARALLELISM, WARM_UP_SPEEDUP);

    private static final Path ENGINE_LOG = Path.of("benchmarks", "target", "latency-opensearch.log");

    private LatencyBenchmark() {}

    static Table run() throws Exception {
        Map<Long, LatencySamples> measured = new LinkedHashMap<>();
        Path folder = Files.createTempDirectory("latency-benchmark-");
        try (SearchService service =
                SearchService.start(new Installation(Path.of("").toAbsolutePath()), folder, ENGINE_LOG)) {
            URI search = service.awaitReady();
            measure(search, "warm-up", WARM_UP_SPEEDUP, WARM_UP);
            for (Map.Entry<Long, Duration> each : MEASURED.entrySet()) {
                long speedup = each.getKey();
                measured.put(speedup, measure(search, "latency-" + speedup, speedup, each.getValue()));
                System.err.println("speed-up " + speedup + ": "
                        + measured.get(speedup).documents() + " documents of "
                        + measured.get(speedup).windows() + " windows");
            }
        }
        return table(measured);
    }

    private static Table table(Map<Long, LatencySamples> measured) {
        List<String> header = new ArrayList<>(List.of("milliseconds"));
        measured.keySet().forEach(speedup -> header.addAll(List.of("speed-up " + speedup + ": p50", "p99")));
        Table table = new Table(header.toArray(String[]::new));
        for (LatencySamples.Stage stage : LatencySamples.Stage.values()) {
            List<String> row = new ArrayList<>(List.of(stage.description()));
            for (LatencySamples each : measured.values()) {
                row.add(Table.count(each.percentile(stage, 50)));
                row.add(Table.count(each.percentile(stage, 99)));
            }
            table.add(row.toArray(String[]::new));
        }
        List<String> counts = new ArrayList<>(List.of("windows, documents"));
        for (LatencySamples each : measured.values()) {
            counts.add(Table.count((double) each.windows()));
            counts.add(Table.count((double) each.documents()));
        }
        table.add(counts.toArray(String[]::new));
        return table;
    }

    private static LatencySamples measure(URI search, String name, long speedup, Duration duration) throws Exception {
        Path trips = Path.of("benchmarks", "target", name + ".json");
        Duration eventTime = duration.multipliedBy(speedup);
        LatencyInput.write(trips, eventTime);
        long expected = (long) LatencyInput.windows(eventTime) * LatencyInput.DOCUMENTS_PER_WINDOW;
        LatencySamples current = new LatencySamples(PARALLELISM, speedup);
        samples = current;
        try (EmbeddedKinesis kinesis =
                        EmbeddedKinesis.builder().enforceLimits(false).start();
                SearchProxy proxy = SearchProxy.start(() -> search, current::observe, new Random());
                SearchPolls polls = SearchPolls.start(search, name, current)) {
            kinesis.createStream(KinesisHost.STREAM, SHARDS);
            JobClient job = submit(kinesis, proxy.address(), name);
            ProducerBenchmark.replay(trips, kinesis.httpsEndpoint(), speedup, duration.plus(TIMEOUT));
            current.readStream(kinesis, KinesisHost.STREAM);
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (current.documents() < expected || polls.pending() > 0) {
                if (System.nanoTime() > deadline || job.getJobStatus().get().isGloballyTerminalState()) {
                    throw new TimeoutException(current.documents() + " of " + expected
                            + " documents were produced, of which a search did not find " + polls.pending());
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
            job.cancel().get();
        }
        return current;
    }

    private static JobClient submit(EmbeddedKinesis kinesis, URI search, String prefix) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, CHECKPOINT_INTERVAL);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM, configuration);
        KinesisSource<IncomingRecord> source = KinesisSource.builder(new SourceBenchmark.Trips(0)).stream(
                        KinesisHost.STREAM)
                .region(KinesisHost.REGION)
                .endpoint(kinesis.httpEndpoint())
                .initialPosition(new InitialPosition.TrimHorizon())
                .build();
        DataStream<IncomingRecord> records = env.fromSource(
                        source, WatermarkStrategy.noWatermarks(), "Stream", source.getProducedType())
                .transform("Watermarks", TypeInformation.of(IncomingRecord.class), new ObservedWatermarks());
        TripAnalysis.Results results = TripAnalysis.analyze(records, AnalysisOptions.DEFAULTS);
        DataStream<SearchDocument> counts =
                results.pickupCounts().map(result -> document(prefix, result)).returns(SearchDocument.class);
        DataStream<SearchDocument> durations =
                results.tripDurations().map(result -> document(prefix, result)).returns(SearchDocument.class);
        counts.union(durations)
                .sinkTo(SearchSink.<SearchDocument>builder()
                        .endpoint(search)
                        .indexTemplates(IndexTemplate.readAll(prefix, Files.readString(INDEX_TEMPLATES)))
                        .documents(document -> document)
                        .build());
        return env.executeAsync(prefix);
    }

    private static SearchDocument document(String prefix, PickupCount result) {
        String id = result.location() + "-" + result.timestampMillis();
        samples.created(id, result.timestampMillis());
        return SearchDocument.of(
                prefix + "-pickup-count",
                id,
                SearchPolls.JSON
                        .createObjectNode()
                        .put("timestamp", result.timestampMillis())
                        .put("location", result.location())
                        .put("pickup_count", result.pickupCount())
                        .toString());
    }

    private static SearchDocument document(String prefix, TripDuration result) {
        String id = result.location() + "-" + result.airportCode() + "-" + result.timestampMillis();
        samples.created(id, result.timestampMillis());
        return SearchDocument.of(
                prefix + "-trip-duration",
                id,
                SearchPolls.JSON
                        .createObjectNode()
                        .put("timestamp", result.timestampMillis())
                        .put("location", result.location())
                        .put("airport_code", result.airportCode())
                        .put("avg_trip_duration", result.avgTripDuration())
                        .toString());
    }

    /** Records when the source's watermarks pass, and forwards everything. */
    private static final class ObservedWatermarks extends AbstractStreamOperator<IncomingRecord>
            implements OneInputStreamOperator<IncomingRecord, IncomingRecord> {

        private static final long serialVersionUID = 1;

        ObservedWatermarks() {
            setChainingStrategy(ChainingStrategy.ALWAYS);
        }

        @Override
        public void processElement(StreamRecord<IncomingRecord> element) {
            output.collect(element);
        }

        @Override
        public void processWatermark(Watermark mark) throws Exception {
            samples.emitted(getRuntimeContext().getTaskInfo().getIndexOfThisSubtask(), mark.getTimestamp());
            super.processWatermark(mark);
        }
    }
}
