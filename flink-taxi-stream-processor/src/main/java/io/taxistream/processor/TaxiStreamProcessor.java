package io.taxistream.processor;

import io.taxistream.eventtime.source.KinesisSource;
import io.taxistream.processor.trips.IncomingRecord;
import io.taxistream.processor.trips.TripAnalysis;
import io.taxistream.search.IndexTemplate;
import io.taxistream.search.SearchDocument;
import io.taxistream.search.SearchSink;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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

/** The job: trips from Kinesis, analysed in event time, into a search engine. */
public final class TaxiStreamProcessor {

    /** State can be spread over as many subtasks as this and no more; savepoints are bound to it. */
    private static final int MAX_PARALLELISM = 128;

    private static final String INDEX_TEMPLATES = "/index-templates.json";

    private TaxiStreamProcessor() {}

    /** Submits the job; {@code --help} lists the options. */
    public static void main(String[] args) throws Exception {
        Optional<ProcessorOptions> options;
        try {
            options = ProcessorCommand.parse(args);
        } catch (UsageException e) {
            refuse(e);
            return;
        }
        if (options.isPresent()) {
            StreamExecutionEnvironment env =
                    StreamExecutionEnvironment.getExecutionEnvironment(configuration(options.get()));
            build(env, options.get());
            env.execute("Taxi stream processor of "
                    + String.join(", ", options.get().streams()));
        }
    }

    /**
     * On the main thread this is a command, {@code flink run}, and ends with an exit code. Anywhere else it is a cluster
     * that was told to run this main method, and has to live on.
     */
    private static void refuse(UsageException e) {
        if (!Thread.currentThread().getName().equals("main")) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        System.err.println(e.getMessage());
        System.exit(2);
    }

    static Configuration configuration(ProcessorOptions options) {
        Configuration configuration = new Configuration();
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
        configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true); // as far as the state backend can
        configuration.set(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM);
        configuration.set(PipelineOptions.OBJECT_REUSE, true); // no operator keeps or changes what it was given
        configuration.set(PipelineOptions.GENERIC_TYPES, false); // a type that would need Kryo fails at once
        return configuration;
    }

    /** Puts the job together: source, analysis, sink. */
    static void build(StreamExecutionEnvironment env, ProcessorOptions options) throws IOException {
        TripAnalysis.Results results = TripAnalysis.analyse(records(env, options), options.analysis());

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
        indexed.sinkTo(sink(options)).name("Write documents").uid("write-documents");
    }

    /**
     * What the streams hold. The watermark is the smallest of all of them, so that each may have a producer that knows
     * nothing of the others.
     */
    private static DataStream<IncomingRecord> records(StreamExecutionEnvironment env, ProcessorOptions options) {
        List<String> streams = options.streams();
        // none but those that the source finds in the stream
        WatermarkStrategy<IncomingRecord> watermarks = WatermarkStrategy.noWatermarks();
        if (streams.size() > 1 && !options.maxReadAhead().equals(KinesisSource.UNLIMITED_READ_AHEAD)) {
            watermarks = watermarks.withWatermarkAlignment("streams", options.maxReadAhead());
        }
        DataStream<IncomingRecord> records = null;
        for (String stream : streams) {
            // the first has the name that a job of one stream gives it, so that others may come and go with a savepoint
            String suffix = records == null ? "" : " " + stream;
            DataStream<IncomingRecord> ofStream = env.fromSource(
                            source(stream, options),
                            watermarks,
                            "Read stream" + suffix,
                            TypeInformation.of(IncomingRecord.class))
                    .uid("read-stream" + suffix);
            records = records == null ? ofStream : records.union(ofStream);
        }
        return records;
    }

    private static KinesisSource<IncomingRecord> source(String stream, ProcessorOptions options) {
        return KinesisSource.builder(new EventDeserializer()).stream(stream)
                .region(options.region())
                .endpoint(options.endpoint().orElse(null))
                .initialPosition(options.initialPosition())
                .maxReadAhead(options.maxReadAhead())
                .maxWatermarkAdvance(options.maxWatermarkAdvance())
                .build();
    }

    private static DataStream<SearchDocument> rejectedDocuments(
            TripAnalysis.Results results, ResultDocuments documents) {
        return documents(results.malformedRecords(), documents::of, "malformed-records")
                .union(documents(results.lateTrips(), documents::of, "late-trips"));
    }

    /** The documents of one kind of results. */
    static <T> DataStream<SearchDocument> documents(
            DataStream<T> results, MapFunction<T, SearchDocument> toDocument, String name) {
        return results.map(toDocument)
                .returns(SearchDocument.class)
                .name("Documents of " + name)
                .uid("documents-of-" + name);
    }

    private static Sink<SearchDocument> sink(ProcessorOptions options) throws IOException {
        if (options.searchEndpoint().isEmpty()) {
            return new PrintSink<>();
        }
        SearchOptions search = options.search();
        SearchSink.Builder<SearchDocument> sink = SearchSink.<SearchDocument>builder()
                .endpoint(options.searchEndpoint().get())
                .authentication(search.authentication())
                .bulkActions(search.bulkActions())
                .bulkBytes(search.bulkBytes())
                .flushInterval(search.flushInterval())
                .retryTimeout(search.retryTimeout())
                .indexTemplates(indexTemplates(options.indexPrefix()))
                .documents(document -> document);
        search.deadLetterFolder().ifPresent(sink::deadLettersToFolder);
        return sink.build();
    }

    private static List<IndexTemplate> indexTemplates(String indexPrefix) throws IOException {
        try (InputStream json = TaxiStreamProcessor.class.getResourceAsStream(INDEX_TEMPLATES)) {
            return IndexTemplate.readAll(indexPrefix, new String(json.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
