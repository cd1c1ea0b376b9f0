package io.taxistream.producer;

import io.taxistream.eventtime.Part;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.order.SortedEvents;
import io.taxistream.producer.records.RecordFields;
import io.taxistream.producer.replay.AdaptTime;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
        header =
                "Replays New York taxi trips, or any records with a time, from S3 or files into a Kinesis stream, with watermarks in"
                        + " between.",
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
            "  Your own records, JSON lines with the epoch seconds of a request in time:",
            "    java -jar kinesis-taxi-stream-producer-1.0.jar -data access.jsonl -timeField time -timeFormat seconds ...",
            "",
            "Statistics go to standard error. Exit code 0: all input is in the stream, but for the share that -maxRejects",
            "allows; 1: it is not, or no trip was sent, and a line says why; 2: wrong command line.",
            "SIGTERM and Ctrl-C wait for the trips in flight to arrive, then end with 0."
        })
final class CommandLineArguments {

    private static final String DEFAULT_ZONE = "America/New_York";
    private static final String DEFAULT_BUCKET = "aws-bigdata-blog";
    private static final String DEFAULT_PREFIX = "artifacts/flink-refarch/data/";
    private static final long MEBIBYTE = 1 << 20;

    /** Trips that do not fit are sorted in a temporary file. */
    private static final long DEFAULT_SORT_MEMORY = 128 * MEBIBYTE;

    private static final double MAX_SPEEDUP = 1e9;
    private static final long DAY_MILLIS = 86_400_000L;
    private static final long MAX_GAP_MINUTES = 1_000_000_000L;
    private static final long MAX_PATIENCE_SECONDS = 1_000_000_000L;
    private static final int MAX_KEY_LENGTH = 1_024;

    @Option(names = "-stream", paramLabel = "NAME", description = "The Kinesis stream to send to.")
    private @Nullable String stream;

    @Option(
            names = "-region",
            paramLabel = "REGION",
            description = "Its AWS region. Default: that of the environment or profile, else us-east-1.")
    private @Nullable String region;

    @Option(
            names = "-bucket",
            paramLabel = "NAME",
            description = "The S3 bucket to read trips from. Default: " + DEFAULT_BUCKET
                    + ", which is public, with prefix " + DEFAULT_PREFIX + ".")
    private @Nullable String bucket;

    @Option(
            names = "-prefix",
            paramLabel = "KEYS",
            description = "The beginning of the keys to read; objects are read in the order of their keys.")
    private @Nullable String prefix;

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
    private @Nullable String data;

    @Option(
            names = "-timezone",
            paramLabel = "ZONE",
            description = "Time zone of times without an offset, as those of the TLC. Default: " + DEFAULT_ZONE
                    + "; with -timeField none, and such times are rejected.")
    private @Nullable String timezone;

    @Option(
            names = "-timeField",
            paramLabel = "NAME",
            description = "Replays records of any layout instead of trips: JSON, CSV and Parquet with the event time in"
                    + " this field, such as timestamp, or meta.dt in nested objects.")
    private @Nullable String timeField;

    @Option(
            names = "-timeFormat",
            paramLabel = "FORMAT",
            description =
                    "Format of -timeField: iso, seconds, millis, micros or nanos since 1970, or a pattern of Java's"
                            + " DateTimeFormatter, such as dd/MMM/yyyy:HH:mm:ss Z. Default: "
                            + RecordFieldOptions.DEFAULT_FORMAT + ".")
    private @Nullable String timeFormat;

    @Option(
            names = "-idField",
            paramLabel = "NAME",
            description = "Field with a record's id, by which it belongs to a -part. Default: made of object and line.")
    private @Nullable String idField;

    @Option(
            names = "-keyField",
            paramLabel = "NAME",
            description = "Field with a record's partition key. Default: its id.")
    private @Nullable String keyField;

    @Option(
            names = "-adaptFields",
            paramLabel = "NAME[=FORMAT],...",
            description = "Other fields with times, which -adaptTime shifts as well. Default format: that of"
                    + " -timeFormat.")
    private @Nullable String adaptFields;

    @Option(
            names = "-from",
            paramLabel = "TIME",
            description = "Leaves out trips that end before this ISO-8601 time, such as 2015-12-01T08:00:00Z,"
                    + " 2015-12-01T03:00:00-05:00, or without an offset in -timezone.")
    private @Nullable String from;

    @Option(names = "-to", paramLabel = "TIME", description = "Leaves out trips that end at this time or later.")
    private @Nullable String to;

    @Option(
            names = "-seek",
            paramLabel = "TIME",
            description =
                    "Goes on at this time: as -from, of which the later one counts. What a replay that has failed tells"
                            + " to go on with.")
    private @Nullable String seek;

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
                    "Mebibytes of memory for sorting, at most half of the heap; what does not fit goes to a temporary"
                            + " file, 64 bytes a trip. Default: a quarter of the heap, but no more than 128.")
    private @Nullable String sortMemory;

    @Option(
            names = "-speedup",
            paramLabel = "FACTOR",
            defaultValue = "1440",
            description =
                    "How many times faster than real time to replay, 0 for as fast as the stream takes it. Default:"
                            + " ${DEFAULT-VALUE}, a day in a minute.")
    private String speedup;

    @Option(
            names = "-maxGap",
            paramLabel = "MINUTES",
            defaultValue = "60",
            description = "Jumps over gaps in event time that are longer than this. Default: ${DEFAULT-VALUE}.")
    private String maxGap;

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
            description = "Writes all records that cannot be read to a new file: object, line, reason, message.")
    private @Nullable String rejects;

    @Option(names = "-overwrite", description = "Replaces the file of -rejects if it exists.")
    private boolean overwrite;

    @Option(
            names = "-maxRejects",
            paramLabel = "PERCENT",
            defaultValue = "0.5",
            description =
                    "Largest share of records that may be missing from the stream, because they cannot be read or come too"
                            + " late, for exit code 0. Checked at the end; the other trips are sent in any case. Trips from or"
                            + " to nowhere (taxi zones 264 and 265) do not count. Default: ${DEFAULT-VALUE}, one in 200: a"
                            + " file with a few broken lines passes, one that is not what it seems does not.")
    private String maxRejects;

    @Option(
            names = "-statisticsFrequency",
            paramLabel = "MS",
            defaultValue = "5000",
            description =
                    "Milliseconds between two lines of statistics, 0 for none. Default: ${DEFAULT-VALUE}. On a terminal"
                            + " there is a progress bar instead.")
    private String statisticsFrequency;

    @Option(
            names = "-giveUpAfter",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "Ends when the stream takes nothing for so long. Default: ${DEFAULT-VALUE}.")
    private String giveUpAfter;

    @Option(
            names = "-endpoint",
            paramLabel = "URL",
            description =
                    "Another Kinesis endpoint, https only. On this machine (localhost) its certificate is not verified.")
    private @Nullable String endpoint;

    @Option(names = "-s3Endpoint", paramLabel = "URL", description = "Another S3 endpoint, addressed by path.")
    private @Nullable String s3Endpoint;

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
            String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("wrong command line");
            throw new UsageException(message + "; -help lists the options", e);
        }
        return arguments.help ? Optional.empty() : Optional.of(arguments.options());
    }

    /** The page that {@code -help} prints. */
    static String help() {
        return commandLine(new CommandLineArguments()).getUsageMessage(Help.Ansi.OFF);
    }

    private static CommandLine commandLine(CommandLineArguments arguments) {
        return new CommandLine(arguments)
                .setPosixClusteredShortOptionsAllowed(false)
                .setExpandAtFiles(false);
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
                region == null || region.matches("[a-zA-Z0-9-]{1,63}"),
                "-region is '" + region + "'; it must be a region such as us-east-1");
        require(
                bucket == null || bucket.matches("[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}|arn:[a-zA-Z0-9:/._-]{1,2000}"),
                "-bucket is '" + bucket
                        + "'; it must be the name of a bucket, without s3://, or the ARN of an access point");
        require(
                prefix == null || prefix.length() <= MAX_KEY_LENGTH,
                "-prefix has " + (prefix == null ? 0 : prefix.length())
                        + " characters; it must be the beginning of keys," + " which have at most " + MAX_KEY_LENGTH);
        require(!overwrite || rejects != null, "-overwrite goes with -rejects FILE only");
        require(
                !end || (stream != null && watermarks() && !print && !resume),
                "-end cannot go with -print, -noWatermark or -resume; it sends a watermark to a stream");
        URI endpointUri = OptionValues.endpoint("-endpoint", endpoint);
        require(
                endpointUri == null || endpointUri.getScheme().equals("https"),
                "-endpoint is " + endpoint
                        + "; it must begin with https, because the Kinesis Producer Library speaks TLS only");
        Path dataPath = OptionValues.path("-data", data);
        Path rejectsPath = OptionValues.path("-rejects", rejects);
        ZoneId zone = zone();
        require(
                timeField != null || (timeFormat == null && idField == null && keyField == null && adaptFields == null),
                "-timeFormat, -idField, -keyField and -adaptFields go with -timeField NAME only");
        var options = new ProducerOptions(
                region,
                stream,
                bucket == null ? DEFAULT_BUCKET : bucket,
                prefix != null ? prefix : bucket == null ? DEFAULT_PREFIX : "",
                dataPath,
                OptionValues.number(
                        "-speedup", speedup, 0, MAX_SPEEDUP, "a number from 0 (as fast as possible) to 1000000000"),
                aggregate,
                anonymous,
                requesterPays,
                range(zone),
                resume,
                adapt(),
                Duration.ofMillis(OptionValues.wholeNumber(
                        "-statisticsFrequency", statisticsFrequency, 0, DAY_MILLIS, "milliseconds (0 for none)")),
                watermarks(),
                print,
                zone == null ? ZoneOffset.UTC : zone,
                sort,
                sortMemoryBytes(Runtime.getRuntime().maxMemory()),
                rejectsPath,
                overwrite,
                OptionValues.number("-maxRejects", maxRejects, 0, 100, "a percentage from 0 to 100"),
                Duration.ofMinutes(OptionValues.wholeNumber("-maxGap", maxGap, 1, MAX_GAP_MINUTES, "minutes")),
                Duration.ofSeconds(
                        OptionValues.wholeNumber("-giveUpAfter", giveUpAfter, 1, MAX_PATIENCE_SECONDS, "seconds")),
                endpointUri,
                OptionValues.endpoint("-s3Endpoint", s3Endpoint),
                part(),
                end,
                fields(zone));
        if (rejectsPath != null) {
            RejectsFile.check(rejectsPath, overwrite, dataPath);
        }
        return options;
    }

    private long sortMemoryBytes(long heapBytes) {
        if (sortMemory == null) {
            return Math.min(heapBytes / 4, DEFAULT_SORT_MEMORY);
        }
        long greatest = SortedEvents.maxMemoryBytes(heapBytes) / MEBIBYTE;
        long mebibytes = OptionValues.wholeNumber("-sortMemory", sortMemory, 1, Long.MAX_VALUE / MEBIBYTE, "mebibytes");
        require(
                mebibytes <= greatest,
                "-sortMemory is " + mebibytes + "; with a heap of " + heapBytes / MEBIBYTE
                        + " MiB it must be a whole number" + " of mebibytes from 1 to " + greatest
                        + " (java -Xmx gives a larger heap)");
        return mebibytes * MEBIBYTE;
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

    private TimeRange range(@Nullable ZoneId zone) {
        long fromMillis = Math.max(
                OptionValues.timeMillis("-from", from, zone, Long.MIN_VALUE),
                OptionValues.timeMillis("-seek", seek, zone, Long.MIN_VALUE));
        long toMillis = OptionValues.timeMillis("-to", to, zone, Long.MAX_VALUE);
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

    /** The time zone of times without an offset; {@code null} if none is known. */
    private @Nullable ZoneId zone() {
        if (timezone == null) {
            return timeField == null ? ZoneId.of(DEFAULT_ZONE) : null;
        }
        try {
            return ZoneId.of(timezone);
        } catch (DateTimeException e) {
            throw new UsageException(
                    "-timezone is '" + timezone + "'; it must be a zone such as America/New_York or UTC", e);
        }
    }

    private @Nullable RecordFields fields(@Nullable ZoneId zone) {
        return timeField == null
                ? null
                : RecordFieldOptions.fields(
                        timeField, timeFormat, zone, idField, keyField, adaptFields, adapt() != AdaptTime.ORIGINAL);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new UsageException(message);
        }
    }
}
