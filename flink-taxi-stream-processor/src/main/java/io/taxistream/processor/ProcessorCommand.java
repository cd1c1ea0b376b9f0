package io.taxistream.processor;

import static io.taxistream.commandline.UsageException.unless;
import static java.util.Objects.requireNonNull;

import io.taxistream.commandline.Accepts;
import io.taxistream.commandline.ComputedDefault;
import io.taxistream.commandline.OptionParser;
import io.taxistream.commandline.UsageException;
import io.taxistream.eventtime.source.ConsumerType;
import io.taxistream.eventtime.source.InitialPosition;
import io.taxistream.eventtime.source.KinesisSource;
import io.taxistream.processor.trips.Airport;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import io.taxistream.processor.trips.GeoBox;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Declares the options of the job and makes {@link ProcessorOptions} of them. */
@Command(
        name = "flink run -p 8 flink-taxi-stream-processor-1.0.jar",
        description = "Counts taxi pick-ups and averages trip durations to the airports. Reads trips from Kinesis and"
                + " writes results to a search engine.")
final class ProcessorCommand {

    /** Longest duration that options accept, as it is written. */
    static final String YEAR = "8760h";

    static final String REGION = "[a-zA-Z0-9-]{1,63}";

    private static final String URL = "a URL without credentials, such as https://host:port";

    private enum Position {
        LATEST,
        TRIM_HORIZON,
        AT_TIMESTAMP
    }

    @Option(names = "--region", required = true, paramLabel = "REGION", description = "AWS region, such as us-east-1.")
    @Accepts(value = "a region such as us-east-1", pattern = REGION)
    private String region;

    @Option(
            names = "--stream",
            required = true,
            paramLabel = "NAME",
            split = ",",
            description = "Name or ARN of the Kinesis stream, or a comma-separated list of streams that each have their"
                    + " own producer.")
    @Accepts(
            value = "a name of 1 to 128 letters, digits, dots, hyphens and underscores, a stream ARN, or a"
                    + " comma-separated list of these",
            pattern = "(arn:[a-zA-Z0-9-]+:kinesis:[a-zA-Z0-9-]+:\\d*:stream/)?[a-zA-Z0-9_.-]{1,128}")
    private List<String> streams;

    @Option(
            names = "--es-endpoint",
            paramLabel = "URL",
            description = "Endpoint of Elasticsearch 7.10 or OpenSearch 1.3 to 3.")
    @Accepts(URL)
    @ComputedDefault("none: task managers print results to their standard output")
    private @Nullable URI searchEndpoint;

    @Option(
            names = "--es-index",
            paramLabel = "PREFIX",
            defaultValue = "taxi-dashboard",
            description = "Prefix of index names.")
    @Accepts(
            value = "lowercase letters, digits, dots, underscores and hyphens, starting with a letter or digit",
            pattern = "[a-z0-9][a-z0-9._-]{0,199}")
    private String indexPrefix;

    @Mixin
    private SearchArguments search;

    @Mixin
    private SearchCallArguments searchCalls;

    @Mixin
    private StreamAccessArguments access;

    @Option(
            names = "--checkpoint",
            paramLabel = "MILLISECONDS",
            defaultValue = "60000",
            description = "Checkpoint interval.")
    @Accepts(value = "a whole number of milliseconds", from = "10", to = "86400000")
    private int checkpointMillis;

    @Option(
            names = "--initial-position",
            paramLabel = "POSITION",
            defaultValue = "LATEST",
            description = "Where to start reading without a savepoint: LATEST (the time of the job's first start),"
                    + " TRIM_HORIZON or AT_TIMESTAMP.")
    @Accepts("LATEST, TRIM_HORIZON or AT_TIMESTAMP")
    private Position initialPosition;

    @Option(
            names = "--initial-timestamp",
            paramLabel = "TIME",
            description = "Start time for --initial-position AT_TIMESTAMP, in ISO-8601, such as 2016-01-01T05:00:00Z.")
    @Accepts(from = "1970-01-01T00:00:00Z", to = "9999-12-31T23:59:59.999Z")
    private @Nullable Instant initialTimestamp;

    @Option(names = "--endpoint", paramLabel = "URL", description = "Kinesis endpoint.")
    @Accepts(URL)
    @ComputedDefault("the endpoint of the region")
    private @Nullable URI endpoint;

    @Option(
            names = "--consumer",
            paramLabel = "polling|efo[:NAME]",
            defaultValue = "polling",
            converter = ConsumerConverter.class,
            description = "How to read shards: by polling, or by enhanced fan-out as the consumer NAME"
                    + " (taxi-stream-processor if omitted), which is registered if it does not exist.")
    @Accepts("polling, efo, or efo:NAME with a name of 1 to 128 letters, digits, dots, hyphens and underscores")
    private ConsumerType consumer;

    @Mixin
    private AnalysisArguments analysis;

    @Option(
            names = "--rejected",
            paramLabel = "index|URI|none",
            defaultValue = "index",
            description =
                    "Where to store late trips and malformed records: in the index PREFIX-rejected-record, in JSON"
                            + " lines files under a URI such as s3://bucket/rejected, or nowhere. They are always"
                            + " counted.")
    @Accepts("index, none, or a URI without credentials, such as s3://bucket/rejected")
    private RejectedRecords rejectedRecords;

    @Option(
            names = "--max-read-ahead",
            paramLabel = "DURATION",
            defaultValue = "3h",
            description =
                    "How far, in event time, a shard may be read ahead of the slowest shard. Limits the state of a job"
                            + " that is catching up; ignored with --noeventtime.")
    @Accepts(from = "1ms", to = YEAR)
    private Duration maxReadAhead;

    @Option(
            names = "--max-watermark-advance",
            paramLabel = "DURATION",
            defaultValue = "24h",
            description =
                    "How far a watermark in the future may be ahead of the newest event. One further ahead counts as a"
                            + " malformed record. Detects mistakes only: watermarks up to a false event are accepted.")
    @Accepts(from = "1m", to = YEAR)
    private Duration maxWatermarkAdvance;

    @Option(
            names = "--state-backend",
            paramLabel = "heap|rocksdb",
            description = "State backend of the job; rocksdb uses incremental checkpoints.")
    @ComputedDefault("as configured in the cluster, otherwise heap")
    private @Nullable StateBackend stateBackend;

    @Option(
            names = "--checkpoint-dir",
            paramLabel = "URI",
            converter = FolderConverter.class,
            description = "Checkpoint directory in any file system of the cluster, such as s3://bucket/checkpoints.")
    @Accepts("a URI without credentials, such as s3://bucket/checkpoints")
    @ComputedDefault("as configured in the cluster")
    private @Nullable URI checkpointFolder;

    /**
     * Parses a command line.
     *
     * @return the options, or empty if help was requested and printed
     * @throws UsageException if the command line is invalid
     */
    static Optional<ProcessorOptions> parse(String... args) {
        ProcessorCommand command = new ProcessorCommand();
        OptionParser parser = command.parser();
        if (parser.parse(args)) {
            return Optional.of(command.options());
        }
        System.out.print(parser.help());
        return Optional.empty();
    }

    OptionParser parser() {
        return new OptionParser(this)
                .with(RejectedRecords.class, ProcessorCommand::rejectedRecords)
                .with(SearchArguments.Size.class, SearchArguments.Size::parse)
                .with(GeoBox.class, AnalysisArguments::box)
                .with(Airport.class, AnalysisArguments::airport);
    }

    private ProcessorOptions options() {
        unless(
                streams.stream().distinct().count() == streams.size(),
                "--stream is '" + String.join(",", streams) + "'; it must not name a stream twice");
        unless(
                (initialPosition == Position.AT_TIMESTAMP) == (initialTimestamp != null),
                "--initial-position AT_TIMESTAMP and --initial-timestamp require each other");
        AnalysisOptions analysisOptions = analysis.options();
        Optional<URI> searchAddress = Optional.ofNullable(searchEndpoint);
        SearchOptions searchOptions = search.options(searchAddress, searchCalls.region(searchAddress, region));
        return new ProcessorOptions(
                region,
                List.copyOf(streams),
                Optional.ofNullable(endpoint),
                switch (initialPosition) {
                    case LATEST -> new InitialPosition.Latest();
                    case TRIM_HORIZON -> new InitialPosition.TrimHorizon();
                    case AT_TIMESTAMP ->
                        new InitialPosition.AtTimestamp(requireNonNull(initialTimestamp, "checked above"));
                },
                consumer,
                access.access(),
                searchAddress,
                indexPrefix,
                searchOptions,
                searchCalls.calls(searchOptions.authentication()),
                Duration.ofMillis(checkpointMillis),
                analysisOptions,
                rejectedRecords,
                // without event time no window waits for the slowest shard
                analysisOptions.timeCharacteristic() == TimeCharacteristic.EVENT_TIME
                        ? maxReadAhead
                        : KinesisSource.UNLIMITED_READ_AHEAD,
                maxWatermarkAdvance,
                Optional.ofNullable(stateBackend),
                Optional.ofNullable(checkpointFolder));
    }

    private static RejectedRecords rejectedRecords(String value) {
        return switch (value) {
            case "index" -> new RejectedRecords.ToIndex();
            case "none" -> new RejectedRecords.Dropped();
            default -> new RejectedRecords.ToFiles(new FolderConverter().convert(value));
        };
    }

    private static final class FolderConverter implements ITypeConverter<URI> {
        @Override
        public URI convert(String value) {
            URI folder = URI.create(value);
            if (folder.getScheme() == null
                    || folder.getPath() == null
                    || folder.getRawUserInfo() != null
                    || folder.getRawQuery() != null) {
                throw new IllegalArgumentException("not the URI of a folder");
            }
            return folder;
        }
    }
}
