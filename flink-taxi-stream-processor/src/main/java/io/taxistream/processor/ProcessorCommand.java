package io.taxistream.processor;

import io.taxistream.processor.kinesis.InitialPosition;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** The command line of the job, turned into {@link ProcessorOptions}. */
@Command(
        name = "flink run -p 8 flink-taxi-stream-processor-1.0.jar",
        description = "Counts taxi pick-ups and averages trip durations to the airports, from a Kinesis stream into a"
                + " search engine.",
        sortOptions = false,
        usageHelpAutoWidth = true)
final class ProcessorCommand {

    private static final Pattern INDEX_PREFIX = Pattern.compile("[a-z0-9][a-z0-9._-]{0,199}");

    private enum Position {
        LATEST,
        TRIM_HORIZON,
        AT_TIMESTAMP
    }

    @Option(names = "--region", required = true, paramLabel = "REGION", description = "AWS region, such as us-east-1")
    private String region;

    @Option(names = "--stream", required = true, paramLabel = "NAME", description = "name of the Kinesis stream")
    private String stream;

    @Option(
            names = "--es-endpoint",
            paramLabel = "URL",
            converter = UrlConverter.class,
            description = "address of the Elasticsearch or OpenSearch domain; without it results are printed to the"
                    + " output of the task managers")
    private URI searchEndpoint;

    @Option(
            names = "--es-index",
            paramLabel = "PREFIX",
            defaultValue = "taxi-dashboard",
            description = "what the names of the indices begin with (default: ${DEFAULT-VALUE})")
    private String indexPrefix;

    @Option(
            names = "--checkpoint",
            paramLabel = "MILLISECONDS",
            defaultValue = "60000",
            description = "time between checkpoints (default: ${DEFAULT-VALUE})")
    private long checkpointMillis;

    @Option(
            names = "--noeventtime",
            description = "put trips into windows by the clock of the machine, not by their drop-off and the"
                    + " stream's watermarks")
    private boolean processingTime;

    @Option(
            names = "--initial-position",
            paramLabel = "POSITION",
            defaultValue = "LATEST",
            description = "where to begin when not started from a savepoint: ${COMPLETION-CANDIDATES} (default:"
                    + " ${DEFAULT-VALUE})")
    private Position initialPosition;

    @Option(
            names = "--initial-timestamp",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "with --initial-position AT_TIMESTAMP: ISO-8601 time, such as 2016-01-01T05:00:00Z")
    private Instant initialTimestamp;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            converter = UrlConverter.class,
            description = "address of Kinesis, where it is not the region's own")
    private URI endpoint;

    @Option(names = "--help", usageHelp = true, description = "show this page")
    private boolean help;

    /**
     * Parses a command line.
     *
     * @return the options, or empty if help was asked for and printed
     * @throws UsageException if the command line cannot be run
     */
    static Optional<ProcessorOptions> parse(String... args) throws UsageException {
        ProcessorCommand command = new ProcessorCommand();
        CommandLine commandLine = new CommandLine(command);
        try {
            commandLine.parseArgs(args);
            if (command.help) {
                commandLine.usage(System.out);
                return Optional.empty();
            }
            return Optional.of(command.options(commandLine));
        } catch (ParameterException e) {
            throw new UsageException(e.getMessage().lines().findFirst().orElse("") + " (--help lists all options)");
        }
    }

    private ProcessorOptions options(CommandLine commandLine) {
        require(commandLine, checkpointMillis >= 10, "--checkpoint must be at least 10 ms");
        require(
                commandLine,
                INDEX_PREFIX.matcher(indexPrefix).matches(),
                "--es-index must be lower-case letters, digits, '.', '_' and '-', beginning with a letter or digit");
        require(
                commandLine,
                (initialPosition == Position.AT_TIMESTAMP) == (initialTimestamp != null),
                "--initial-position AT_TIMESTAMP and --initial-timestamp go together");
        AnalysisOptions analysis = AnalysisOptions.DEFAULTS.withTimeCharacteristic(
                processingTime ? TimeCharacteristic.PROCESSING_TIME : TimeCharacteristic.EVENT_TIME);
        return new ProcessorOptions(
                region,
                stream,
                Optional.ofNullable(endpoint),
                switch (initialPosition) {
                    case LATEST -> new InitialPosition.Latest();
                    case TRIM_HORIZON -> new InitialPosition.TrimHorizon();
                    case AT_TIMESTAMP -> new InitialPosition.AtTimestamp(initialTimestamp);
                },
                Optional.ofNullable(searchEndpoint),
                indexPrefix,
                Duration.ofMillis(checkpointMillis),
                analysis);
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
                throw new TypeConversionException("an address such as https://host:port is expected");
            }
            if (url.getRawUserInfo() != null) {
                // and the address is not repeated: whatever is printed may be kept
                throw new TypeConversionException("credentials do not belong into an address");
            }
            boolean isHttp = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            if (!isHttp || url.getHost() == null || url.getRawQuery() != null) {
                throw new TypeConversionException("'" + value + "' is no address such as https://host:port");
            }
            return url;
        }
    }

    private static final class TimeConverter implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String value) {
            try {
                return OffsetDateTime.parse(value).toInstant();
            } catch (DateTimeParseException e) {
                throw new TypeConversionException("'" + value + "' is no time such as 2016-01-01T05:00:00Z");
            }
        }
    }
}
