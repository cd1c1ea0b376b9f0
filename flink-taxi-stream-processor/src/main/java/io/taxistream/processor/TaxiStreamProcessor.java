package io.taxistream.processor;

import static java.util.Objects.requireNonNull;

import io.taxistream.commandline.UsageException;
import io.taxistream.eventtime.source.KinesisSource;
import io.taxistream.processor.trips.IncomingRecord;
import io.taxistream.processor.trips.TripAnalysis;
import io.taxistream.search.IndexTemplate;
import io.taxistream.search.SearchDocument;
import io.taxistream.search.SearchSink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.PrintSink;

/** The job: reads trips from Kinesis, analyses them in event time and stores the results in a search engine. */
public final class TaxiStreamProcessor {

    /** Maximum number of subtasks that keyed state can be spread over; a savepoint can only be restored with the same value. */
    private static final int MAX_PARALLELISM = 128;

    private static final String INDEX_TEMPLATES = "/index-templates.json";

    /**
     * Without date detection, because a malformed record may be the text of a date, and the engine would then accept only dates
     * in its field. All other fields are mapped as the engine maps them by default, so that an existing index is compatible.
     */
    private static final String REJECTED_RECORD_TEMPLATE = """
            {
              "version": 1,
              "priority": 200,
              "template": {
                "settings": { "number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "1s" },
                "mappings": {
                  "date_detection": false,
                  "properties": {
                    "pickup_datetime": { "type": "date" },
                    "dropoff_datetime": { "type": "date" }
                  }
                }
              }
            }
            """;

    private TaxiStreamProcessor() {}

    /**
     * Submits the job. Its options are the arguments ({@code --help} lists them) or, if there are none on Amazon Managed
     * Service for Apache Flink, the runtime properties of the application.
     */
    public static void main(String[] args) throws Exception {
        Platform platform = ManagedService.runs(args) ? Platform.MANAGED_SERVICE : Platform.CLUSTER;
        Optional<ProcessorOptions> options;
        try {
            options = platform == Platform.MANAGED_SERVICE
                    ? Optional.of(ManagedService.options())
                    : ProcessorCommand.parse(args);
        } catch (UsageException e) {
            refuse(e, platform);
            return;
        }
        if (options.isPresent()) {
            StreamExecutionEnvironment env =
                    StreamExecutionEnvironment.getExecutionEnvironment(configuration(options.get(), platform));
            build(env, options.get(), platform);
            env.execute("Taxi stream processor of "
                    + String.join(", ", options.get().streams()));
        }
    }

    /**
     * Exits with a code if called by {@code flink run}, that is, on the main thread; otherwise this method runs inside a
     * cluster, whose process must survive.
     */
    private static void refuse(UsageException e, Platform platform) {
        if (platform == Platform.MANAGED_SERVICE
                || !Thread.currentThread().getName().equals("main")) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        System.err.println(e.getMessage());
        System.exit(2);
    }

    static Configuration configuration(ProcessorOptions options, Platform platform) {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM);
        configuration.set(PipelineOptions.OBJECT_REUSE, true); // no operator keeps or changes its input
        configuration.set(PipelineOptions.GENERIC_TYPES, false); // fail on types that would need Kryo
        if (platform == Platform.MANAGED_SERVICE) {
            return configuration; // the service refuses a job that sets anything about checkpoints and state
        }
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, options.checkpointInterval());
        configuration.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        options.checkpointFolder().ifPresent(folder -> {
            configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
            configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, folder.toString());
        });
        options.stateBackend()
                .ifPresent(backend -> configuration.set(StateBackendOptions.STATE_BACKEND, backend.flinkName()));
        configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true); // if the state backend supports them
        return configuration;
    }

    /** Builds the topology: source, analysis, sinks. */
    static void build(StreamExecutionEnvironment env, ProcessorOptions options, Platform platform) throws IOException {
        Optional<String> metricGroup =
                platform == Platform.MANAGED_SERVICE ? Optional.of(ManagedService.METRIC_GROUP) : Optional.empty();
        TripAnalysis.Results results = TripAnalysis.analyze(records(env, options), options.analysis(), metricGroup);

        ResultDocuments documents = new ResultDocuments(options.indexPrefix());
        DataStream<SearchDocument> indexed = documents(results.pickupCounts(), documents::of, "pickup-counts")
                .union(documents(results.tripDurations(), documents::of, "trip-durations"));
        if (options.rejectedRecords() instanceof RejectedRecords.ToIndex) {
            indexed = indexed.union(rejectedDocuments(results, documents));
        } else if (options.rejectedRecords() instanceof RejectedRecords.ToFiles files) {
            rejectedDocuments(results, documents)
                    .sinkTo(RejectedFiles.in(files.folder()))
                    .name("Write rejected records")
                    .uid("write-rejected-records");
        }
        indexed.sinkTo(sink(options, metricGroup)).name("Write documents").uid("write-documents");
    }

    /**
     * Reads the streams. The watermark is the minimum over all of them, so their producers need not coordinate.
     */
    private static DataStream<IncomingRecord> records(StreamExecutionEnvironment env, ProcessorOptions options) {
        List<String> streams = options.streams();
        // the source emits the watermarks it reads from the stream
        WatermarkStrategy<IncomingRecord> watermarks = WatermarkStrategy.noWatermarks();
        if (streams.size() > 1 && !options.maxReadAhead().equals(KinesisSource.UNLIMITED_READ_AHEAD)) {
            watermarks = watermarks.withWatermarkAlignment("streams", options.maxReadAhead());
        }
        DataStream<IncomingRecord> records = null;
        for (String stream : streams) {
            // the first has the same uid as in a job of one stream, so that streams can be added when restoring a
            // savepoint
            String suffix = records == null ? "" : " " + stream;
            DataStream<IncomingRecord> ofStream = env.fromSource(
                            source(stream, options),
                            watermarks,
                            "Read stream" + suffix,
                            TypeInformation.of(IncomingRecord.class))
                    .uid("read-stream" + suffix);
            records = records == null ? ofStream : records.union(ofStream);
        }
        return requireNonNull(records, "a job reads at least one stream");
    }

    private static KinesisSource<IncomingRecord> source(String stream, ProcessorOptions options) {
        return KinesisSource.builder(new EventDeserializer()).stream(stream)
                .region(options.region())
                .endpoint(options.endpoint().orElse(null))
                .initialPosition(options.initialPosition())
                .consumer(options.consumer())
                .maxReadAhead(options.maxReadAhead())
                .maxWatermarkAdvance(options.maxWatermarkAdvance())
                .credentials(options.access().ofStream())
                .connectTimeout(options.access().connectTimeout())
                .readTimeout(options.access().readTimeout())
                .callTimeout(options.access().callTimeout())
                .maxRetryDelay(options.access().maxRetryDelay())
                .build();
    }

    private static DataStream<SearchDocument> rejectedDocuments(
            TripAnalysis.Results results, ResultDocuments documents) {
        return documents(results.malformedRecords(), documents::of, "malformed-records")
                .union(documents(results.lateTrips(), documents::of, "late-trips"));
    }

    /** Converts the results of one kind to documents. */
    static <T> DataStream<SearchDocument> documents(
            DataStream<T> results, MapFunction<T, SearchDocument> toDocument, String name) {
        return results.map(toDocument)
                .returns(SearchDocument.class)
                .name("Documents of " + name)
                .uid("documents-of-" + name);
    }

    private static Sink<SearchDocument> sink(ProcessorOptions options, Optional<String> metricGroup)
            throws IOException {
        if (options.searchEndpoint().isEmpty()) {
            return new PrintSink<>();
        }
        SearchOptions search = options.search();
        SearchSink.Builder<SearchDocument> sink = SearchSink.<SearchDocument>builder()
                .endpoint(options.searchEndpoint().get())
                .authentication(search.authentication())
                .credentials(options.access().own())
                .connectTimeout(options.searchCalls().connectTimeout())
                .requestTimeout(options.searchCalls().requestTimeout())
                .maxRetryDelay(options.searchCalls().maxRetryDelay())
                .bulkActions(search.bulkActions())
                .bulkBytes(search.bulkBytes())
                .flushInterval(search.flushInterval())
                .retryTimeout(search.retryTimeout())
                .basicOverHttp(search.basicOverHttp())
                .indexTemplates(indexTemplates(options))
                .documents(document -> document);
        search.deadLetterFolder().ifPresent(sink::deadLettersToFolder);
        metricGroup.ifPresent(sink::metricGroup);
        return sink.build();
    }

    static List<IndexTemplate> indexTemplates(ProcessorOptions options) throws IOException {
        List<IndexTemplate> templates = new ArrayList<>();
        try (InputStream json = TaxiStreamProcessor.class.getResourceAsStream(INDEX_TEMPLATES)) {
            templates.addAll(IndexTemplate.readAll(
                    options.indexPrefix(), new String(json.readAllBytes(), StandardCharsets.UTF_8)));
        }
        if (options.rejectedRecords() instanceof RejectedRecords.ToIndex) {
            templates.add(new IndexTemplate(
                    options.indexPrefix() + ResultDocuments.REJECTED_RECORD, REJECTED_RECORD_TEMPLATE));
        }
        return templates;
    }
}
