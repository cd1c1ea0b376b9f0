package io.taxistream.producer;

import static io.taxistream.commandline.UsageException.unless;

import io.taxistream.commandline.Accepts;
import io.taxistream.commandline.ComputedDefault;
import io.taxistream.commandline.OptionParser;
import io.taxistream.commandline.UsageException;
import io.taxistream.eventtime.Part;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.order.SortedEvents;
import io.taxistream.producer.records.RecordFields;
import io.taxistream.producer.replay.AdaptTime;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Declares the options of the command line, with their defaults, and makes {@link ProducerOptions} of them. */
@Command(
        name = "java -jar kinesis-taxi-stream-producer-1.0.jar",
        separator = " ",
        header = "Replays New York taxi trips, or any timestamped records, from S3 or files into a Kinesis stream,"
                + " interleaved with watermarks.",
        synopsisHeading = "%n",
        customSynopsis = "java -jar kinesis-taxi-stream-producer-1.0.jar -stream NAME [-region REGION] [OPTION...]",
        optionListHeading = "%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  Replay the published data set, a day in a minute:",
            "    java -jar kinesis-taxi-stream-producer-1.0.jar -speedup 1440 -stream NAME -region REGION",
            "  Sort a TLC file, then replay it as fast as the stream accepts it:",
            "    java -jar kinesis-taxi-stream-producer-1.0.jar -data yellow.csv.gz -sort -speedup 0 -stream NAME",
            "  Print records without a stream:",
            "    java -jar kinesis-taxi-stream-producer-1.0.jar -data yellow.csv.gz -speedup 0 -print | head",
            "  Replay your own JSON lines, with the event time in epoch seconds in the field time:",
            "    java -jar kinesis-taxi-stream-producer-1.0.jar -data access.jsonl -timeField time -timeFormat seconds ...",
            "",
            "Statistics are printed to standard error. On SIGTERM or Ctrl-C, the producer waits until the trips in flight",
            "are acknowledged, then exits with 0.",
            "Exit codes: 0, all input is in the stream, except for the share allowed by -maxRejects; 1, the replay failed",
            "or sent no trip, and a line says why; 2, the command line is invalid."
        })
final class CommandLineArguments {

    private static final String DEFAULT_ZONE = "America/New_York";
    private static final String DEFAULT_BUCKET = "aws-bigdata-blog";
    private static final String DEFAULT_PREFIX = "artifacts/flink-refarch/data/";
    private static final long MEBIBYTE = 1 << 20;

    /** Trips that do not fit are sorted in a temporary file. */
    private static final long DEFAULT_SORT_MEMORY = 128 * MEBIBYTE;

    private static final String TIME =
            "an ISO-8601 date and time in the years 0000 to 9999, such as 2015-12-01T08:00:00Z";
    private static final String FIELD = "the name of a field";
    private static final String NOT_BLANK = ".*\\S.*";
    private static final String HOST = "[^/]*//[^/]+/?";

    @Option(names = "-stream", paramLabel = "NAME", description = "The Kinesis stream to send to.")
    @Accepts(value = "1 to 128 letters, digits, dots, hyphens and underscores", pattern = "[a-zA-Z0-9_.-]{1,128}")
    private @Nullable String stream;

    @Option(names = "-region", paramLabel = "REGION", description = "AWS region of the stream.")
    @Accepts(value = "a region such as us-east-1", pattern = "[a-zA-Z0-9-]{1,63}")
    @ComputedDefault("the region of the environment or profile, otherwise us-east-1")
    private @Nullable String region;

    @Option(names = "-bucket", paramLabel = "NAME", description = "S3 bucket to read trips from.")
    @Accepts(
            value = "the name of a bucket, without s3://, or the ARN of an access point",
            pattern = "[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}|arn:[a-zA-Z0-9:/._-]{1,2000}")
    @ComputedDefault(DEFAULT_BUCKET + ", which is public, with the prefix " + DEFAULT_PREFIX)
    private @Nullable String bucket;

    @Option(
            names = "-prefix",
            paramLabel = "KEYS",
            description = "Prefix of the keys to read. Objects are read in key order.")
    @Accepts(value = "the beginning of keys, at most 1024 characters", pattern = ".{0,1024}")
    private @Nullable String prefix;

    @Option(
            names = "-anonymous",
            description = "Read the bucket without credentials, even if credentials are available.")
    private boolean anonymous;

    @Option(names = "-requesterPays", description = "Send the requester-pays header.")
    private boolean requesterPays;

    @Option(
            names = "-data",
            paramLabel = "FILE|FOLDER",
            description =
                    "Read trips from a file, or from all files in a folder, instead of a bucket. Files and objects may"
                            + " be TLC CSV or Parquet of any year, or JSON lines, in zip or tar archives, or compressed"
                            + " with gzip, bzip2, zstd, xz, framed Snappy or framed LZ4. The format is detected from"
                            + " the content.")
    private @Nullable Path data;

    @Option(
            names = "-timezone",
            paramLabel = "ZONE",
            description = "Time zone of timestamps without an offset, such as the TLC's.")
    @Accepts("a time zone such as America/New_York or UTC")
    @ComputedDefault(DEFAULT_ZONE + "; none with -timeField, where such timestamps are rejected")
    private @Nullable ZoneId timezone;

    @Option(
            names = "-timeField",
            paramLabel = "NAME",
            description = "Replay any records instead of trips: JSON, CSV or Parquet with the event time in this field,"
                    + " such as timestamp, or meta.dt in a nested object.")
    @Accepts(value = FIELD, pattern = NOT_BLANK)
    private @Nullable String timeField;

    @Option(
            names = "-timeFormat",
            paramLabel = "FORMAT",
            description = "Format of -timeField: iso, seconds, millis, micros or nanos since 1970, or a"
                    + " java.time.format.DateTimeFormatter pattern, such as dd/MMM/yyyy:HH:mm:ss Z.")
    @Accepts("iso, seconds, millis, micros, nanos or a java.time.format.DateTimeFormatter pattern with date and time")
    @ComputedDefault(RecordFieldOptions.DEFAULT_FORMAT)
    private @Nullable String timeFormat;

    @Option(
            names = "-idField",
            paramLabel = "NAME",
            description = "Field with the id of a record, which determines the -part that the record belongs to.")
    @Accepts(value = FIELD, pattern = NOT_BLANK)
    @ComputedDefault("an id derived from object and line")
    private @Nullable String idField;

    @Option(names = "-keyField", paramLabel = "NAME", description = "Field with the partition key of a record.")
    @Accepts(value = FIELD, pattern = NOT_BLANK)
    @ComputedDefault("the id")
    private @Nullable String keyField;

    @Option(
            names = "-adaptFields",
            paramLabel = "NAME[=FORMAT],...",
            description = "Other time fields for -adaptTime to shift. FORMAT is that of -timeFormat if omitted.")
    @Accepts("comma-separated field names, each with an equals sign and a format if it is not that of -timeFormat")
    private @Nullable String adaptFields;

    @Option(
            names = "-from",
            paramLabel = "TIME",
            description = "Skip trips that end before this ISO-8601 time, such as 2015-12-01T08:00:00Z or"
                    + " 2015-12-01T03:00:00-05:00. A time without an offset is in -timezone.")
    @Accepts(TIME)
    private @Nullable ReplayTime from;

    @Option(names = "-to", paramLabel = "TIME", description = "Skip trips that end at this time or later.")
    @Accepts(TIME)
    private @Nullable ReplayTime to;

    @Option(
            names = "-seek",
            paramLabel = "TIME",
            description = "Resume at this time (a failed replay prints it). The later of -seek and -from wins.")
    @Accepts(TIME)
    private @Nullable ReplayTime seek;

    @Option(
            names = "-resume",
            description = "Resume after the last watermark in the stream; all trips up to it have arrived. Use the same"
                    + " input and options as before. Starts from the beginning if the stream contains no watermark.")
    private boolean resume;

    @Option(
            names = "-sort",
            description = "Sort all trips by drop-off time before sending the first, in bounded memory. Without it the"
                    + " input must be nearly in order: a buffer of 65,536 trips reorders it, and a trip that is too"
                    + " late for the buffer is counted as late and not sent.")
    private boolean sort;

    @Option(
            names = "-sortMemory",
            paramLabel = "MIB",
            description = "Memory for -sort in mebibytes, at most half of the heap. Further trips spill to a temporary"
                    + " file, 64 bytes each.")
    @Accepts("a whole number of mebibytes")
    @ComputedDefault("a quarter of the heap, at most 128")
    private @Nullable Long sortMemory;

    @Option(
            names = "-speedup",
            paramLabel = "FACTOR",
            defaultValue = "1440",
            description = "Replay speed as a multiple of real time: 1440 is a day in a minute, 0 is as fast as the"
                    + " stream accepts trips.")
    @Accepts(value = "a number", from = "0", to = "1000000000")
    private double speedup;

    @Option(
            names = "-maxGap",
            paramLabel = "MINUTES",
            defaultValue = "60",
            description = "Skip gaps in event time that are longer than this.")
    @Accepts(value = "a whole number of minutes", from = "1", to = "1000000000")
    private Long maxGap;

    @Option(
            names = "-adaptTime",
            paramLabel = "HOW",
            defaultValue = "original",
            description =
                    "How to shift trip times: original keeps them, invocation shifts all by the same amount so that the"
                            + " first trip ends now, ingestion shifts each so that the trip ends when it is sent.")
    private AdaptTime adaptTime;

    @Option(
            names = "-aggregate",
            description = "Aggregate many trips into one Kinesis record, which needs fewer shards and less CPU (a shard"
                    + " accepts 1,000 records or 1 MB per second). Consumers must deaggregate KPL records, as the"
                    + " processor does.")
    private boolean aggregate;

    @Option(names = "-noWatermark", description = "Send no watermarks.")
    private boolean noWatermark;

    @Option(
            names = "-part",
            paramLabel = "I/N",
            defaultValue = "1/1",
            description =
                    "Run as producer I of N that share the stream, such as 2/4, and send the trips whose ids belong to"
                            + " its part. Each producer reads the whole input, and event time waits for all N.")
    @Accepts("I/N with 1 <= I <= N <= " + Part.MAX_COUNT + ", such as 2/4")
    private Part part;

    @Option(
            names = "-end",
            description =
                    "Only mark the part given with -part as ended, so that event time no longer waits for a producer"
                            + " that will not return.")
    private boolean end;

    @Option(
            names = "-print",
            description = "Print records to standard output instead of sending them; -stream is not needed.")
    private boolean print;

    @Option(
            names = "-rejects",
            paramLabel = "FILE",
            description = "Write all unreadable records to a new file, with object, line, reason and message.")
    private @Nullable Path rejects;

    @Option(names = "-overwrite", description = "Overwrite the file given with -rejects if it exists.")
    private boolean overwrite;

    @Option(
            names = "-maxRejects",
            paramLabel = "PERCENT",
            defaultValue = "0.5",
            description = "Maximum share of records that may be unreadable or too late, for exit code 0. Checked at the"
                    + " end; all other trips are always sent. Trips without a location (taxi zones 264 and 265) do not"
                    + " count.")
    @Accepts(value = "a percentage", from = "0", to = "100")
    private double maxRejects;

    @Option(
            names = "-statisticsFrequency",
            paramLabel = "MS",
            defaultValue = "5000",
            description = "Interval of the statistics on standard error in milliseconds, 0 for none. On a terminal, a"
                    + " progress bar is shown instead.")
    @Accepts(value = "a whole number of milliseconds", from = "0", to = "86400000")
    private Long statisticsFrequency;

    @Option(
            names = "-giveUpAfter",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "Fail if the stream accepts no records for this long.")
    @Accepts(value = "a whole number of seconds", from = "1", to = "1000000000")
    private Long giveUpAfter;

    @Option(
            names = "-endpoint",
            paramLabel = "URL",
            description =
                    "Kinesis endpoint, https only because the Kinesis Producer Library requires TLS. The certificate of"
                            + " an endpoint on this machine (localhost) is not verified.")
    @Accepts(value = "an https URL of a host, such as https://localhost:4567", pattern = "https:" + HOST)
    @ComputedDefault("the endpoint of the region")
    private @Nullable URI endpoint;

    @Option(names = "-s3Endpoint", paramLabel = "URL", description = "S3 endpoint, addressed by path.")
    @Accepts(value = "a URL of a host, such as https://localhost:4567", pattern = "https?:" + HOST)
    @ComputedDefault("the endpoint of the region")
    private @Nullable URI s3Endpoint;

    private CommandLineArguments() {}

    /**
     * The options that a command line gives, or nothing if it asks for help.
     *
     * @throws UsageException if an option is unknown, lacks its value or has one that it does not accept
     */
    static Optional<ProducerOptions> parse(String... args) {
        var arguments = new CommandLineArguments();
        return parser(arguments).parse(args) ? Optional.of(arguments.options()) : Optional.empty();
    }

    /** The parser, which also knows the help page. */
    static OptionParser parser() {
        return parser(new CommandLineArguments());
    }

    private static OptionParser parser(CommandLineArguments arguments) {
        return new OptionParser(arguments)
                .with(ReplayTime.class, ReplayTime::parse)
                .with(Part.class, Part::parse);
    }

    private ProducerOptions options() {
        unless(
                stream != null || print,
                "-stream is missing; name the Kinesis stream to send to, or print the records with -print");
        unless(
                data == null || (bucket == null && prefix == null && s3Endpoint == null),
                "-data cannot be combined with -bucket, -prefix or -s3Endpoint; read either files or a bucket");
        unless(
                data == null || (!anonymous && !requesterPays),
                "-data cannot be combined with -anonymous or -requesterPays, which apply to buckets only");
        unless(
                !anonymous || !requesterPays,
                "-anonymous cannot be combined with -requesterPays; a requester-pays bucket requires credentials");
        unless(!resume || !print, "-resume cannot be combined with -print, which uses no stream");
        unless(
                !resume || !noWatermark,
                "-resume cannot be combined with -noWatermark; -resume relies on the watermarks in the stream");
        unless(
                !resume || adaptTime == AdaptTime.ORIGINAL,
                "-resume cannot be combined with -adaptTime invocation or ingestion; the watermarks in the stream must"
                        + " match the times of the input");
        unless(!overwrite || rejects != null, "-overwrite requires -rejects FILE");
        unless(
                !end || (stream != null && !noWatermark && !print && !resume),
                "-end cannot be combined with -print, -noWatermark or -resume; it sends a watermark to a stream");
        unless(
                timeField != null || (timeFormat == null && idField == null && keyField == null && adaptFields == null),
                "-timeFormat, -idField, -keyField and -adaptFields require -timeField NAME");
        ZoneId zone = timezone == null && timeField == null ? ZoneId.of(DEFAULT_ZONE) : timezone;
        var options = new ProducerOptions(
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
                adaptTime,
                Duration.ofMillis(statisticsFrequency),
                !noWatermark,
                print,
                zone == null ? ZoneOffset.UTC : zone,
                sort,
                sortMemoryBytes(Runtime.getRuntime().maxMemory()),
                rejects,
                overwrite,
                maxRejects,
                Duration.ofMinutes(maxGap),
                Duration.ofSeconds(giveUpAfter),
                endpoint,
                s3Endpoint,
                part,
                end,
                fields(zone));
        if (rejects != null) {
            RejectsFile.check(rejects, overwrite, data);
        }
        return options;
    }

    private long sortMemoryBytes(long heapBytes) {
        if (sortMemory == null) {
            return Math.min(heapBytes / 4, DEFAULT_SORT_MEMORY);
        }
        long greatest = SortedEvents.maxMemoryBytes(heapBytes) / MEBIBYTE;
        unless(
                sortMemory >= 1 && sortMemory <= greatest,
                "-sortMemory is '" + sortMemory + "'; with a heap of " + heapBytes / MEBIBYTE
                        + " MiB it must be a whole number of mebibytes from 1 to " + greatest
                        + " (java -Xmx sets the size of the heap)");
        return sortMemory * MEBIBYTE;
    }

    private TimeRange range(@Nullable ZoneId zone) {
        long fromMillis =
                Math.max(millis("-from", from, zone, Long.MIN_VALUE), millis("-seek", seek, zone, Long.MIN_VALUE));
        long toMillis = millis("-to", to, zone, Long.MAX_VALUE);
        unless(fromMillis < toMillis, "-to is '" + to + "'; it must be later than -from and -seek");
        return new TimeRange(fromMillis, toMillis);
    }

    private static long millis(String option, @Nullable ReplayTime time, @Nullable ZoneId zone, long otherwise) {
        if (time == null) {
            return otherwise;
        }
        unless(
                zone != null || time.hasOffset(),
                option + " is '" + time + "', which has no offset; add one, such as Z, or set -timezone");
        return time.millis(zone == null ? ZoneOffset.UTC : zone);
    }

    private @Nullable RecordFields fields(@Nullable ZoneId zone) {
        return timeField == null
                ? null
                : RecordFieldOptions.fields(
                        timeField, timeFormat, zone, idField, keyField, adaptFields, adaptTime != AdaptTime.ORIGINAL);
    }
}
