package io.taxistream.benchmarks;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.FaultInjector;
import io.taxistream.embeddedkinesis.KinesisOperation;
import io.taxistream.eventtime.source.ConsumerType;
import io.taxistream.eventtime.source.EnhancedFanOut;
import io.taxistream.eventtime.source.InitialPosition;
import io.taxistream.eventtime.source.KinesisSource;
import io.taxistream.eventtime.source.Polling;
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
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
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
     * One measurement. Slower event time is measured for longer, though it still closes fewer windows.
     *
     * @param prefix prefix of the indices
     * @param column heading of the table
     */
    private record Run(String prefix, String column, long speedup, Duration duration, ConsumerType consumer) {}

    private static final EnhancedFanOut FAN_OUT = EnhancedFanOut.named("latency");

    private static final List<Run> RUNS = List.of(
            new Run("latency-60", "speed-up 60", 60, Duration.ofSeconds(150), new Polling()),
            new Run("latency-60-fan-out", "60, enhanced fan-out", 60, Duration.ofSeconds(150), FAN_OUT),
            new Run("latency-1440", "1440", 1440, Duration.ofSeconds(50), new Polling()),
            new Run("latency-6480", "6480", 6480, Duration.ofSeconds(40), new Polling()));

    private static final List<Run> WARM_UPS = List.of(
            new Run("warm-up", "", WARM_UP_SPEEDUP, WARM_UP, new Polling()),
            new Run("warm-up-fan-out", "", WARM_UP_SPEEDUP, WARM_UP, FAN_OUT));

    private static final Set<KinesisOperation> READS = EnumSet.of(
            KinesisOperation.GET_SHARD_ITERATOR, KinesisOperation.GET_RECORDS, KinesisOperation.SUBSCRIBE_TO_SHARD);

    /** Samples of the current run, written by the functions of the job, which run in this process. */
    private static volatile LatencySamples samples = new LatencySamples(PARALLELISM, WARM_UP_SPEEDUP);

    /**
     * Outcome of a run.
     *
     * @param reads number of calls that read shards
     * @param seconds duration of the job
     */
    private record Measured(Run run, LatencySamples samples, long reads, double seconds) {}

    private static final Path ENGINE_LOG = Path.of("benchmarks", "target", "latency-opensearch.log");

    private LatencyBenchmark() {}

    static Table run() throws Exception {
        List<Measured> measured = new ArrayList<>();
        Path folder = Files.createTempDirectory("latency-benchmark-");
        try (SearchService service =
                SearchService.start(new Installation(Path.of("").toAbsolutePath()), folder, ENGINE_LOG)) {
            URI search = service.awaitReady();
            for (Run run : WARM_UPS) {
                measure(search, run);
            }
            for (Run run : RUNS) {
                Measured each = measure(search, run);
                measured.add(each);
                System.err.println(run.prefix() + ": " + each.samples().documents() + " documents of "
                        + each.samples().windows() + " windows");
            }
        }
        return table(measured);
    }

    private static Table table(List<Measured> measured) {
        List<String> header = new ArrayList<>(List.of("milliseconds"));
        measured.forEach(each -> header.addAll(List.of(each.run().column() + ": p50", "p99")));
        Table table = new Table(header.toArray(String[]::new));
        for (LatencySamples.Stage stage : LatencySamples.Stage.values()) {
            List<String> row = new ArrayList<>(List.of(stage.description()));
            for (Measured each : measured) {
                row.add(Table.count(each.samples().percentile(stage, 50)));
                row.add(Table.count(each.samples().percentile(stage, 99)));
            }
            table.add(row.toArray(String[]::new));
        }
        List<String> counts = new ArrayList<>(List.of("windows, documents"));
        List<String> reads = new ArrayList<>(List.of("calls that read shards: in total, per second"));
        for (Measured each : measured) {
            counts.add(Table.count((double) each.samples().windows()));
            counts.add(Table.count((double) each.samples().documents()));
            reads.add(Table.count((double) each.reads()));
            reads.add(Table.tenths(each.reads() / each.seconds()));
        }
        table.add(counts.toArray(String[]::new));
        table.add(reads.toArray(String[]::new));
        return table;
    }

    private static Measured measure(URI search, Run run) throws Exception {
        String name = run.prefix();
        Path trips = Path.of("benchmarks", "target", name + ".json");
        Duration eventTime = run.duration().multipliedBy(run.speedup());
        LatencyInput.write(trips, eventTime);
        long expected = (long) LatencyInput.windows(eventTime) * LatencyInput.DOCUMENTS_PER_WINDOW;
        LatencySamples current = new LatencySamples(PARALLELISM, run.speedup());
        samples = current;
        AtomicLong reads = new AtomicLong();
        FaultInjector countingReads = operation -> {
            if (READS.contains(operation)) {
                reads.incrementAndGet();
            }
            return Optional.empty();
        };
        try (EmbeddedKinesis kinesis = EmbeddedKinesis.builder()
                        .enforceLimits(false)
                        .faults(countingReads)
                        .start();
                SearchProxy proxy = SearchProxy.start(() -> search, current::observe, new Random());
                SearchPolls polls = SearchPolls.start(search, name, current)) {
            kinesis.createStream(KinesisHost.STREAM, SHARDS);
            long started = System.nanoTime();
            JobClient job = submit(kinesis, run.consumer(), proxy.address(), name);
            ProducerBenchmark.replay(
                    trips,
                    kinesis.httpsEndpoint(),
                    run.speedup(),
                    run.duration().plus(TIMEOUT));
            current.readStream(kinesis, KinesisHost.STREAM);
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (current.documents() < expected || polls.pending() > 0) {
                if (System.nanoTime() > deadline || job.getJobStatus().get().isGloballyTerminalState()) {
                    throw new TimeoutException(current.documents() + " of " + expected
                            + " documents were produced, of which a search did not find " + polls.pending());
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
            double seconds = (System.nanoTime() - started) / 1e9;
            job.cancel().get();
            return new Measured(run, current, reads.get(), seconds);
        }
    }

    private static JobClient submit(EmbeddedKinesis kinesis, ConsumerType consumer, URI search, String prefix)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, CHECKPOINT_INTERVAL);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM, configuration);
        KinesisSource<IncomingRecord> source = KinesisSource.builder(new SourceBenchmark.Trips(0)).stream(
                        KinesisHost.STREAM)
                .region(KinesisHost.REGION)
                .endpoint(kinesis.httpsEndpoint())
                .consumer(consumer)
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
