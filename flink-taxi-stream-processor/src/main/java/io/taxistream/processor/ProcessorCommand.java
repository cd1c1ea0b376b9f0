package io.taxistream.processor;

import io.taxistream.eventtime.source.ConsumerType;
import io.taxistream.eventtime.source.InitialPosition;
import io.taxistream.eventtime.source.KinesisSource;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** Parses the command line of the job into {@link ProcessorOptions}. */
@Command(
        name = "flink run -p 8 flink-taxi-stream-processor-1.0.jar",
        description = "Counts taxi pick-ups and averages trip durations to the airports, from a Kinesis stream into a"
                + " search engine.",
        sortOptions = false,
        usageHelpAutoWidth = true)
final class ProcessorCommand {

    private static final Pattern INDEX_PREFIX = Pattern.compile("[a-z0-9][a-z0-9._-]{0,199}");

    private static final Pattern REGION = Pattern.compile("[a-zA-Z0-9-]{1,63}");
    private static final Pattern STREAM =
            Pattern.compile("(arn:[a-zA-Z0-9-]+:kinesis:[a-zA-Z0-9-]+:\\d*:stream/)?[a-zA-Z0-9_.-]{1,128}");
    private static final int LONGEST_CHECKPOINT_INTERVAL_MILLIS = 86_400_000;
    private static final Instant LAST_TIMESTAMP = Instant.parse("+10000-01-01T00:00:00Z");
    private static final int MAX_PORT = 65_535;

    private enum Position {
        LATEST,
        TRIM_HORIZON,
        AT_TIMESTAMP
    }

    @Option(names = "--region", required = true, paramLabel = "REGION", description = "AWS region, such as us-east-1")
    private String region;

    @Option(
            names = "--stream",
            required = true,
            paramLabel = "NAME",
            split = ",",
            description =
                    "name of the Kinesis stream; several names, separated by commas, if each has its own producer")
    private List<String> streams;

    @Option(
            names = "--es-endpoint",
            paramLabel = "URL",
            converter = UrlConverter.class,
            description =
                    "address of the Elasticsearch or OpenSearch domain (default: none, task managers print results to their"
                            + " standard output)")
    private URI searchEndpoint;

    @Option(
            names = "--es-index",
            paramLabel = "PREFIX",
            defaultValue = "taxi-dashboard",
            description = "prefix of the index names (default: ${DEFAULT-VALUE})")
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
            description = "time between checkpoints (default: ${DEFAULT-VALUE})")
    private int checkpointMillis;

    @Option(
            names = "--initial-position",
            paramLabel = "POSITION",
            defaultValue = "LATEST",
            description =
                    "start position when the job is not restored from a savepoint: ${COMPLETION-CANDIDATES} (default:"
                            + " ${DEFAULT-VALUE})")
    private Position initialPosition;

    @Option(
            names = "--initial-timestamp",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "start time for --initial-position AT_TIMESTAMP, in ISO-8601, such as 2016-01-01T05:00:00Z")
    private Instant initialTimestamp;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            converter = UrlConverter.class,
            description = "address of Kinesis (default: the endpoint of the region)")
    private URI endpoint;

    @Option(
            names = "--consumer",
            paramLabel = "polling|efo[:NAME]",
            defaultValue = "polling",
            converter = ConsumerConverter.class,
            description =
                    "how shards are read: by polling, or with enhanced fan-out as the consumer of this name, which is"
                            + " registered if it is missing (default: ${DEFAULT-VALUE}; NAME: taxi-stream-processor)")
    private ConsumerType consumer;

    @Mixin
    private AnalysisArguments analysis;

    @Option(
            names = "--rejected",
            paramLabel = "index|URI|none",
            defaultValue = "index",
            converter = RejectedConverter.class,
            description =
                    "where to store late trips and malformed records: in the index PREFIX-rejected-record, in files"
                            + " of JSON lines under a URI such as s3://bucket/rejected, or nowhere; they are counted in any"
                            + " case (default: ${DEFAULT-VALUE})")
    private RejectedRecords rejectedRecords;

    @Option(
            names = "--max-read-ahead",
            paramLabel = "DURATION",
            defaultValue = "3h",
            converter = DurationConverter.class,
            description =
                    "how far, in event time, a shard may be read ahead of the slowest shard; limits the state of a job"
                            + " that catches up (default: ${DEFAULT-VALUE}); ignored with --noeventtime")
    private Duration maxReadAhead;

    @Option(
            names = "--max-watermark-advance",
            paramLabel = "DURATION",
            defaultValue = "24h",
            converter = DurationConverter.class,
            description =
                    "how far a watermark beyond the clock may be beyond the newest event; one that is further is a"
                            + " malformed record (default: ${DEFAULT-VALUE})")
    private Duration maxWatermarkAdvance;

    @Option(
            names = "--state-backend",
            paramLabel = "heap|rocksdb",
            description = "where Flink keeps the job's state (default: as configured in the cluster, heap if it is not"
                    + " configured)")
    private StateBackend stateBackend;

    @Option(
            names = "--checkpoint-dir",
            paramLabel = "URI",
            converter = FolderConverter.class,
            description = "folder for checkpoints, in any file system of the cluster, such as s3://bucket/checkpoints"
                    + " (default: as configured in the cluster)")
    private URI checkpointFolder;

    @Option(names = "--help", usageHelp = true, description = "show this help")
    private boolean help;

    /**
     * Parses a command line.
     *
     * @return the options, or empty if help was requested and printed
     * @throws UsageException if the command line is invalid
     */
    static Optional<ProcessorOptions> parse(String... args) throws UsageException {
        ProcessorCommand command = new ProcessorCommand();
        CommandLine commandLine = new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(int.class, new WholeNumberConverter());
        try {
            commandLine.parseArgs(args);
            if (command.help) {
                commandLine.usage(System.out);
                return Optional.empty();
            }
            return Optional.of(command.options(commandLine));
        } catch (ParameterException e) {
            throw new UsageException(
                    String.valueOf(e.getMessage()).lines().findFirst().orElse("") + " (--help lists all options)");
        }
    }

    private ProcessorOptions options(CommandLine commandLine) {
        require(
                commandLine,
                streams.stream().noneMatch(String::isBlank)
                        && streams.stream().distinct().count() == streams.size(),
                "--stream must be a name, or distinct names separated by commas");
        require(
                commandLine,
                streams.stream().allMatch(each -> STREAM.matcher(each).matches()),
                "--stream must be a name of 1 to 128 letters, digits, dots, hyphens and underscores, or the ARN of a stream");
        require(
                commandLine,
                REGION.matcher(region).matches(),
                "--region is '" + region + "'; it must be a region such as us-east-1");
        require(
                commandLine,
                checkpointMillis >= 10 && checkpointMillis <= LONGEST_CHECKPOINT_INTERVAL_MILLIS,
                "--checkpoint must be 10 to " + LONGEST_CHECKPOINT_INTERVAL_MILLIS + " milliseconds");
        require(
                commandLine,
                initialTimestamp == null
                        || (!initialTimestamp.isBefore(Instant.EPOCH) && initialTimestamp.isBefore(LAST_TIMESTAMP)),
                "--initial-timestamp must be in the years 1970 to 9999");
        require(
                commandLine,
                INDEX_PREFIX.matcher(indexPrefix).matches(),
                "--es-index must be lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit");
        require(
                commandLine,
                (initialPosition == Position.AT_TIMESTAMP) == (initialTimestamp != null),
                "--initial-position AT_TIMESTAMP and --initial-timestamp go together");
        require(
                commandLine,
                !maxReadAhead.isZero() && maxReadAhead.compareTo(AnalysisOptions.LONGEST) <= 0,
                "--max-read-ahead must be longer than 0s and at most 8760h");
        require(
                commandLine,
                maxWatermarkAdvance.compareTo(Duration.ofMinutes(1)) >= 0
                        && maxWatermarkAdvance.compareTo(AnalysisOptions.LONGEST) <= 0,
                "--max-watermark-advance must be at least 1m and at most 8760h");
        AnalysisOptions analysisOptions = analysisOptions(commandLine);
        Optional<URI> searchAddress = Optional.ofNullable(searchEndpoint);
        SearchOptions searchOptions =
                search.options(commandLine, searchAddress, searchCalls.region(commandLine, searchAddress, region));
        return new ProcessorOptions(
                region,
                List.copyOf(streams),
                Optional.ofNullable(endpoint),
                switch (initialPosition) {
                    case LATEST -> new InitialPosition.Latest();
                    case TRIM_HORIZON -> new InitialPosition.TrimHorizon();
                    case AT_TIMESTAMP -> new InitialPosition.AtTimestamp(initialTimestamp);
                },
                consumer,
                access.access(commandLine),
                searchAddress,
                indexPrefix,
                searchOptions,
                searchCalls.calls(commandLine, searchOptions.authentication()),
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

    private AnalysisOptions analysisOptions(CommandLine commandLine) {
        try {
            return analysis.options();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandLine, e.getMessage(), e);
        }
    }

    private static void require(CommandLine commandLine, boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(commandLine, message);
        }
    }

    private static final class UrlConverter implements ITypeConverter<URI> {
        @Override
        public URI convert(String value) {
            URI url;
            try {
                url = new URI(value);
            } catch (URISyntaxException e) {
                throw new TypeConversionException("it must be an address such as https://host:port");
            }
            if (url.getRawUserInfo() != null) {
                // not quoted: output may be logged
                throw new TypeConversionException("the address must not contain credentials");
            }
            boolean isHttp = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            boolean isPort = url.getPort() == -1 || (url.getPort() > 0 && url.getPort() <= MAX_PORT);
            if (!isHttp || !isPort || url.getHost() == null || url.getRawQuery() != null) {
                throw new TypeConversionException("'" + value + "' is not an address such as https://host:port");
            }
            return url;
        }
    }

    private static final class FolderConverter implements ITypeConverter<URI> {
        @Override
        public URI convert(String value) {
            URI folder;
            try {
                folder = new URI(value);
            } catch (URISyntaxException e) {
                throw new TypeConversionException("it must be a URI such as s3://bucket/folder");
            }
            if (folder.getRawUserInfo() != null) {
                // not quoted: output may be logged
                throw new TypeConversionException("the URI must not contain credentials");
            }
            if (folder.getScheme() == null || folder.getPath() == null || folder.getRawQuery() != null) {
                throw new TypeConversionException("'" + value + "' is not a URI such as s3://bucket/folder");
            }
            return folder;
        }
    }

    private static final class RejectedConverter implements ITypeConverter<RejectedRecords> {
        @Override
        public RejectedRecords convert(String value) {
            return switch (value) {
                case "index" -> new RejectedRecords.ToIndex();
                case "none" -> new RejectedRecords.Dropped();
                default -> new RejectedRecords.ToFiles(new FolderConverter().convert(value));
            };
        }
    }

    private static final class TimeConverter implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String value) {
            try {
                return OffsetDateTime.parse(value).toInstant();
            } catch (DateTimeParseException e) {
                throw new TypeConversionException("'" + value + "' is not a time such as 2016-01-01T05:00:00Z");
            }
        }
    }
}
