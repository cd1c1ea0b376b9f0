package io.taxistream.producer;

import io.taxistream.eventtime.Part;
import io.taxistream.producer.replay.AdaptTime;
import io.taxistream.producer.trips.TimeRange;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Makes {@link ProducerOptions} of a command line; all defaults stand here. */
@Command(
        name = "java -jar kinesis-taxi-stream-producer-1.0.jar",
        sortOptions = false,
        separator = " ",
        usageHelpWidth = 110,
        header = "Replays New York taxi trips from S3 or files into a Kinesis stream, with watermarks in between.",
        synopsisHeading = "%n",
        customSynopsis = "java -jar kinesis-taxi-stream-producer-1.0.jar -stream NAME [-region REGION] [OPTION...]",
        optionListHeading = "%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  The published data set, a day of New York in a minute:",
            "    java -jar kinesis-taxi-stream-producer-1.0.jar -speedup 1440 -stream NAME -region REGION",
            "  A TLC file as fast as the stream takes it, sorted first:",
            "    java -jar kinesis-taxi-stream-producer-1.0.jar -data yellow.csv.gz -sort -speedup 0 -stream NAME",
            "  A look at the records, without a stream:",
            "    java -jar kinesis-taxi-stream-producer-1.0.jar -data yellow.csv.gz -speedup 0 -print | head",
            "",
            "Statistics go to standard error. Exit code 0: all input is in the stream; 1: it is not, a line says why;",
            "2: wrong command line. SIGTERM and Ctrl-C see the trips on their way arrive, then end with 0."
        })
final class CommandLineArguments {

    private static final String DEFAULT_BUCKET = "aws-bigdata-blog";
    private static final String DEFAULT_PREFIX = "artifacts/flink-refarch/data/";
    private static final long MEBIBYTE = 1 << 20;

    @Option(names = "-stream", paramLabel = "NAME", description = "The Kinesis stream to send to.")
    private String stream;

    @Option(
            names = "-region",
            paramLabel = "REGION",
            description = "Its AWS region. Default: that of the environment or profile, else us-east-1.")
    private String region;

    @Option(
            names = "-bucket",
            paramLabel = "NAME",
            description = "The S3 bucket to read trips from. Default: " + DEFAULT_BUCKET
                    + ", which is public, with prefix " + DEFAULT_PREFIX + ".")
    private String bucket;

    @Option(
            names = "-prefix",
            paramLabel = "KEYS",
            description = "The beginning of the keys to read; objects are read in the order of their keys.")
    private String prefix;

    @Option(
            names = "-anonymous",
            description = "Reads the bucket without credentials, even if there are some; for public buckets.")
    private boolean anonymous;

    @Option(
            names = "-requesterPays",
            description = "Agrees to pay for requests and transfer, for buckets whose readers have to.")
    private boolean requesterPays;

    @Option(
            names = "-data",
            paramLabel = "FILE|FOLDER",
            description =
                    "Reads trips from a file, or from all files of a folder, instead of a bucket. Files and objects hold"
                            + " the TLC's CSV or Parquet of any year or JSON lines, plain or packed as gzip, bzip2, zstd, zip,"
                            + " framed Snappy or framed LZ4; their content tells.")
    private Path data;

    @Option(
            names = "-timezone",
            paramLabel = "ZONE",
            defaultValue = "America/New_York",
            description = "The time zone of times that bring none, as those of the TLC. Default: ${DEFAULT-VALUE}.")
    private String timezone;

    @Option(
            names = "-from",
            paramLabel = "TIME",
            description = "Leaves out trips that end before this ISO-8601 time, such as 2015-12-01T08:00:00Z,"
                    + " 2015-12-01T03:00:00-05:00, or without an offset in -timezone.")
    private String from;

    @Option(names = "-to", paramLabel = "TIME", description = "Leaves out trips that end at this time or later.")
    private String to;

    @Option(
            names = "-seek",
            paramLabel = "TIME",
            description =
                    "Goes on at this time: as -from, of which the later one counts. What a replay that has failed tells"
                            + " to go on with.")
    private String seek;

    @Option(
            names = "-resume",
            description =
                    "Goes on behind the last watermarks in the stream: all trips up to these have arrived. For the same"
                            + " input and options as before; starts from the beginning if the stream holds no watermark.")
    private boolean resume;

    @Option(
            names = "-sort",
            description =
                    "Sorts all trips by drop-off time before the first is sent, in bounded memory. Without it input is"
                            + " trusted to be nearly in order; a trip that comes later than a buffer of 65,536 trips can put"
                            + " right is not sent, but counted as late.")
    private boolean sort;

    @Option(
            names = "-sortMemory",
            paramLabel = "MIB",
            description =
                    "Memory for sorting; what does not fit goes to temporary files. Default: a quarter of the heap.")
    private Long sortMemory;

    @Option(
            names = "-speedup",
            paramLabel = "FACTOR",
            defaultValue = "1440",
            description =
                    "How many times faster than real time to replay, 0 for as fast as the stream takes it. Default:"
                            + " ${DEFAULT-VALUE}, a day in a minute.")
    private double speedup;

    @Option(
            names = "-maxGap",
            paramLabel = "MINUTES",
            defaultValue = "60",
            description = "Jumps over gaps in event time that are longer than this. Default: ${DEFAULT-VALUE}.")
    private long maxGap;

    @Option(
            names = "-adaptTime",
            paramLabel = "HOW",
            defaultValue = "original",
            description =
                    "What the trips' times become: original leaves them, invocation shifts all alike so that the first"
                            + " trip ends now, ingestion shifts each so that it ends when it is sent. Default: ${DEFAULT-VALUE}.")
    private String adaptTime;

    @Option(
            names = "-aggregate",
            description =
                    "Packs many trips into one Kinesis record: needs fewer shards and less CPU (a shard takes 1,000 records"
                            + " or 1 MB a second). Consumers must know how to unpack them; the processor does. Default: off.")
    private boolean aggregate;

    @Option(names = "-noWatermark", description = "Sends no watermarks.")
    private boolean noWatermark;

    @Option(
            names = "-part",
            paramLabel = "I/N",
            defaultValue = "1/1",
            description =
                    "Sends the share of one of N producers of a stream, such as 2/4: the trips whose ids fall to it. Each"
                            + " reads the whole input; event time waits for all N. Default: ${DEFAULT-VALUE}, all trips.")
    private String part;

    @Option(
            names = "-end",
            description =
                    "Sends the end of the part that -part names, and nothing else, so that event time no longer waits for"
                            + " a producer that will not come back.")
    private boolean end;

    @Option(
            names = "-print",
            description = "Prints records to standard output instead of sending them; -stream is not needed.")
    private boolean print;

    @Option(
            names = "-rejects",
            paramLabel = "FILE",
            description = "Writes all records that cannot be read to a file: object, line, reason, message.")
    private Path rejects;

    @Option(
            names = "-statisticsFrequency",
            paramLabel = "MS",
            defaultValue = "5000",
            description =
                    "Milliseconds between two lines of statistics, 0 for none. Default: ${DEFAULT-VALUE}. On a terminal"
                            + " there is a progress bar instead.")
    private long statisticsFrequency;

    @Option(
            names = "-giveUpAfter",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "Ends when the stream takes nothing for so long. Default: ${DEFAULT-VALUE}.")
    private long giveUpAfter;

    @Option(
            names = "-endpoint",
            paramLabel = "URL",
            description =
                    "Another Kinesis endpoint, https only. On this machine (localhost) its certificate is not verified.")
    private String endpoint;

    @Option(names = "-s3Endpoint", paramLabel = "URL", description = "Another S3 endpoint, addressed by path.")
    private String s3Endpoint;

    @Option(names = "-help", usageHelp = true, description = "Prints this page.")
    private boolean help;

    private CommandLineArguments() {}

    /**
     * The options that a command line gives, or nothing if it asks for help.
     *
     * @throws UsageException if an option is unknown, lacks its value or has one out of range
     */
    static Optional<ProducerOptions> parse(String... args) {
        var arguments = new CommandLineArguments();
        try {
            commandLine(arguments).parseArgs(args);
        } catch (ParameterException e) {
            String message = e.getMessage().lines().findFirst().orElse("wrong command line");
            throw new UsageException(message + "; -help lists the options", e);
        }
        return arguments.help ? Optional.empty() : Optional.of(arguments.options());
    }

    /** The page that {@code -help} prints. */
    static String help() {
        return commandLine(new CommandLineArguments()).getUsageMessage(Help.Ansi.OFF);
    }

    private static CommandLine commandLine(CommandLineArguments arguments) {
        return new CommandLine(arguments).setPosixClusteredShortOptionsAllowed(false);
    }

    private ProducerOptions options() {
        require(stream != null || print, "-stream is missing; name the Kinesis stream, or use -print to send to none");
        require(
                stream == null || stream.matches("[a-zA-Z0-9_.-]{1,128}"),
                "-stream is '" + stream + "'; it must be 1 to 128 letters, digits, dots, hyphens and underscores");
        require(
                data == null || (bucket == null && prefix == null && s3Endpoint == null),
                "-data cannot go with -bucket, -prefix or -s3Endpoint; trips come from one place");
        require(
                data == null || (!anonymous && !requesterPays),
                "-data cannot go with -anonymous or -requesterPays, which are for buckets");
        require(
                !anonymous || !requesterPays,
                "-anonymous cannot go with -requesterPays; a bucket whose readers pay needs to know who reads");
        require(!resume || !print, "-resume cannot go with -print; there is no stream to go on with");
        require(
                !resume || watermarks(),
                "-resume cannot go with -noWatermark; without watermarks nobody can tell later where to go on");
        require(
                !resume || adapt() == AdaptTime.ORIGINAL,
                "-resume cannot go with -adaptTime " + adaptTime
                        + "; the times in the stream must be those of the input to tell where to go on");
        require(
                speedup >= 0 && speedup <= Long.MAX_VALUE,
                "-speedup is " + speedup + "; it must be a number from 0 (as fast as possible) up");
        require(maxGap >= 1 && maxGap <= 1L << 40, "-maxGap is " + maxGap + "; it must be at least 1 minute");
        require(
                statisticsFrequency >= 0,
                "-statisticsFrequency is " + statisticsFrequency + "; it must be 0 (none) or a number of milliseconds");
        require(
                giveUpAfter >= 1 && giveUpAfter <= 1L << 30,
                "-giveUpAfter is " + giveUpAfter + "; it must be at least 1 second");
        require(
                sortMemory == null || (sortMemory >= 1 && sortMemory <= 1L << 20),
                "-sortMemory is " + sortMemory + "; it must be a number of mebibytes from 1 up");
        require(
                !end || (stream != null && watermarks() && !print && !resume),
                "-end cannot go with -print, -noWatermark or -resume; it sends a watermark to a stream");
        URI endpointUri = uri("-endpoint", endpoint);
        require(
                endpointUri == null || endpointUri.getScheme().equals("https"),
                "-endpoint is " + endpoint
                        + "; it must begin with https, because the Kinesis Producer Library speaks TLS only");
        ZoneId zone = zone();
        return new ProducerOptions(
                region,
                stream,
                bucket == null ? DEFAULT_BUCKET : bucket,
                prefix != null ? prefix : bucket == null ? DEFAULT_PREFIX : "",
                data,
                speedup,
                aggregate,
                anonymous,
                requesterPays,
                range(zone),
                resume,
                adapt(),
                Duration.ofMillis(statisticsFrequency),
                watermarks(),
                print,
                zone,
                sort,
                sortMemory == null ? Runtime.getRuntime().maxMemory() / 4 : sortMemory * MEBIBYTE,
                rejects,
                Duration.ofMinutes(maxGap),
                Duration.ofSeconds(giveUpAfter),
                endpointUri,
                uri("-s3Endpoint", s3Endpoint),
                part(),
                end);
    }

    private Part part() {
        try {
            return Part.parse(part);
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    "-part is '" + part + "'; it must be I/N with 1 <= I <= N <= " + Part.MAX_COUNT + ", such as 2/4",
                    e);
        }
    }

    private boolean watermarks() {
        return !noWatermark;
    }

    private TimeRange range(ZoneId zone) {
        long fromMillis = Math.max(
                timeMillis("-from", from, zone, Long.MIN_VALUE), timeMillis("-seek", seek, zone, Long.MIN_VALUE));
        long toMillis = timeMillis("-to", to, zone, Long.MAX_VALUE);
        require(fromMillis < toMillis, "-to is '" + to + "'; it must be later than -from and -seek");
        return new TimeRange(fromMillis, toMillis);
    }

    private AdaptTime adapt() {
        for (AdaptTime each : AdaptTime.values()) {
            if (each.name().equalsIgnoreCase(adaptTime)) {
                return each;
            }
        }
        throw new UsageException("-adaptTime is '" + adaptTime + "'; it must be original, invocation or ingestion");
    }

    private ZoneId zone() {
        try {
            return ZoneId.of(timezone);
        } catch (DateTimeException e) {
            throw new UsageException(
                    "-timezone is '" + timezone + "'; it must be a zone such as America/New_York or UTC", e);
        }
    }

    private static long timeMillis(String option, String text, ZoneId zone, long notGiven) {
        return text == null ? notGiven : time(option, text, zone).toEpochMilli();
    }

    private static Instant time(String option, String text, ZoneId zone) {
        try {
            TemporalAccessor time = DateTimeFormatter.ISO_DATE_TIME.parseBest(
                    text.toUpperCase(Locale.ROOT), ZonedDateTime::from, LocalDateTime::from);
            return time instanceof LocalDateTime local ? local.atZone(zone).toInstant() : Instant.from(time);
        } catch (DateTimeException e) {
            throw new UsageException(
                    option + " is '" + text + "'; it must be an ISO-8601 time such as 2015-12-01T08:00:00Z", e);
        }
    }

    private static URI uri(String option, String text) {
        if (text == null) {
            return null;
        }
        try {
            URI uri = new URI(text);
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (http && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new UsageException(option + " is '" + text + "'; it must be a URL such as https://localhost:4567", e);
        }
        throw new UsageException(option + " is '" + text + "'; it must be a URL such as https://localhost:4567");
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new UsageException(message);
        }
    }
}
