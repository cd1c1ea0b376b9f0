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
        header = "Replays New York taxi trips, or any records with a time, from S3 or files into a Kinesis stream, with"
                + " watermarks in between.",
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
    @ComputedDefault("the region of the environment or profile, else us-east-1")
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
            description = "Prefix of the keys to read. Objects are read in the order of their keys.")
    @Accepts(value = "the beginning of keys, at most 1024 characters", pattern = ".{0,1024}")
    private @Nullable String prefix;

    @Option(names = "-anonymous", description = "Read the bucket without credentials, even if there are some.")
    private boolean anonymous;

    @Option(names = "-requesterPays", description = "Send the requester-pays header.")
    private boolean requesterPays;

    @Option(
            names = "-data",
            paramLabel = "FILE|FOLDER",
            description =
                    "Read trips from a file, or from all files of a folder, instead of a bucket. Files and objects hold the"
                            + " TLC's CSV or Parquet of any year, or JSON lines, plain or compressed with gzip, bzip2, zstd,"
                            + " zip, framed Snappy or framed LZ4; the format is detected from the content.")
    private @Nullable Path data;

    @Option(
            names = "-timezone",
            paramLabel = "ZONE",
            description = "Time zone of timestamps without an offset, such as the TLC's.")
    @Accepts("a time zone such as America/New_York or UTC")
    @ComputedDefault(DEFAULT_ZONE + "; with -timeField none, and such times are rejected")
    private @Nullable ZoneId timezone;

    @Option(
            names = "-timeField",
            paramLabel = "NAME",
            description =
                    "Replay records of any layout instead of trips: JSON, CSV and Parquet with the event time in this field,"
                            + " such as timestamp, or meta.dt in nested objects.")
    @Accepts(value = FIELD, pattern = NOT_BLANK)
    private @Nullable String timeField;

    @Option(
            names = "-timeFormat",
            paramLabel = "FORMAT",
            description =
                    "Format of -timeField: iso, seconds, millis, micros or nanos since 1970, or a pattern of Java's"
                            + " DateTimeFormatter, such as dd/MMM/yyyy:HH:mm:ss Z.")
    @Accepts(
            "iso, seconds, millis, micros, nanos or a pattern of java.time.format.DateTimeFormatter with date and time")
    @ComputedDefault(RecordFieldOptions.DEFAULT_FORMAT)
    private @Nullable String timeFormat;

    @Option(
            names = "-idField",
            paramLabel = "NAME",
            description = "Field with the id of a record, which decides to which -part it belongs.")
    @Accepts(value = FIELD, pattern = NOT_BLANK)
    @ComputedDefault("an id made of object and line")
    private @Nullable String idField;

    @Option(names = "-keyField", paramLabel = "NAME", description = "Field with the partition key of a record.")
    @Accepts(value = FIELD, pattern = NOT_BLANK)
    @ComputedDefault("the id")
    private @Nullable String keyField;

    @Option(
            names = "-adaptFields",
            paramLabel = "NAME[=FORMAT],...",
            description =
                    "Other fields with times, which -adaptTime shifts as well. FORMAT is that of -timeFormat if it is"
                            + " not given.")
    @Accepts("names of fields, each with an equals sign and a format if it is not that of -timeFormat")
    private @Nullable String adaptFields;

    @Option(
            names = "-from",
            paramLabel = "TIME",
            description = "Leave out trips that end before this ISO-8601 time, such as 2015-12-01T08:00:00Z,"
                    + " 2015-12-01T03:00:00-05:00, or without an offset in -timezone.")
    @Accepts(TIME)
    private @Nullable ReplayTime from;

    @Option(names = "-to", paramLabel = "TIME", description = "Leave out trips that end at this time or later.")
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
            description =
                    "Resume after the last watermark in the stream: all trips up to it have arrived. Use the same input and"
                            + " options as before. Starts from the beginning if the stream holds no watermark.")
    private boolean resume;

    @Option(
            names = "-sort",
            description =
                    "Sort all trips by drop-off time before the first is sent, in bounded memory. Without it the input must"
                            + " be nearly in order: a buffer of 65,536 trips sorts it, and a trip that comes too late for"
                            + " the buffer is counted as late and not sent.")
    private boolean sort;

    @Option(
            names = "-sortMemory",
            paramLabel = "MIB",
            description =
                    "Mebibytes of memory for -sort, at most half of the heap. The rest goes to a temporary file, 64 bytes a"
                            + " trip.")
    @Accepts("a whole number of mebibytes")
    @ComputedDefault("a quarter of the heap, at most 128")
    private @Nullable Long sortMemory;

    @Option(
            names = "-speedup",
            paramLabel = "FACTOR",
            defaultValue = "1440",
            description = "How many times faster than real time to replay: 1440 is a day in a minute, 0 is as fast as"
                    + " the stream accepts trips.")
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
                    "Shift the trips' times: original leaves them, invocation shifts all by the same amount so that the"
                            + " first trip ends now, ingestion shifts each so that it ends when it is sent.")
    private AdaptTime adaptTime;

    @Option(
            names = "-aggregate",
            description =
                    "Pack many trips into one Kinesis record, which needs fewer shards and less CPU (a shard accepts 1,000"
                            + " records or 1 MB a second). Consumers must unpack the KPL's format, as the processor does.")
    private boolean aggregate;

    @Option(names = "-noWatermark", description = "Send no watermarks.")
    private boolean noWatermark;

    @Option(
            names = "-part",
            paramLabel = "I/N",
            defaultValue = "1/1",
            description =
                    "Send the share of one of N producers of the stream, such as 2/4: the trips whose ids fall to it. Each"
                            + " producer reads the whole input, and event time waits for all N.")
    @Accepts("I/N with 1 <= I <= N <= " + Part.MAX_COUNT + ", such as 2/4")
    private Part part;

    @Option(
            names = "-end",
            description =
                    "Send the end of the part that -part names, and nothing else, so that event time no longer waits for a"
                            + " producer that will not return.")
    private boolean end;

    @Option(
            names = "-print",
            description = "Print records to standard output instead of sending them; -stream is not needed.")
    private boolean print;

    @Option(
            names = "-rejects",
            paramLabel = "FILE",
            description = "Write all records that cannot be read to a new file: object, line, reason, message.")
    private @Nullable Path rejects;

    @Option(names = "-overwrite", description = "Replace the file of -rejects if it exists.")
    private boolean overwrite;

    @Option(
            names = "-maxRejects",
            paramLabel = "PERCENT",
            defaultValue = "0.5",
            description =
                    "Largest share of records missing from the stream, unreadable or too late, for exit code 0. Checked at"
                            + " the end; all other trips are sent in any case. Trips from or to nowhere (taxi zones 264 and"
                            + " 265) do not count.")
    @Accepts(value = "a percentage", from = "0", to = "100")
    private double maxRejects;

    @Option(
            names = "-statisticsFrequency",
            paramLabel = "MS",
            defaultValue = "5000",
            description =
                    "Milliseconds between two lines of statistics on standard error, 0 for none. A terminal shows a progress"
                            + " bar instead.")
    @Accepts(value = "a whole number of milliseconds", from = "0", to = "86400000")
    private Long statisticsFrequency;

    @Option(
            names = "-giveUpAfter",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "Fail when the stream has accepted nothing for this long.")
    @Accepts(value = "a whole number of seconds", from = "1", to = "1000000000")
    private Long giveUpAfter;

    @Option(
            names = "-endpoint",
            paramLabel = "URL",
            description =
                    "Kinesis endpoint, https only because the Kinesis Producer Library requires TLS. The certificate of an"
                            + " endpoint on this machine (localhost) is not verified.")
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
        unless(stream != null || print, "-stream is missing; name the Kinesis stream, or use -print to send to none");
        unless(
                data == null || (bucket == null && prefix == null && s3Endpoint == null),
                "-data cannot go with -bucket, -prefix or -s3Endpoint; trips come from one place");
        unless(
                data == null || (!anonymous && !requesterPays),
                "-data cannot go with -anonymous or -requesterPays, which are for buckets");
        unless(
                !anonymous || !requesterPays,
                "-anonymous cannot go with -requesterPays; a bucket whose readers pay needs to know who reads");
        unless(!resume || !print, "-resume cannot go with -print; there is no stream to resume from");
        unless(
                !resume || !noWatermark,
                "-resume cannot go with -noWatermark; watermarks in the stream are what a later -resume needs");
        unless(
                !resume || adaptTime == AdaptTime.ORIGINAL,
                "-resume cannot go with -adaptTime invocation or ingestion; the watermarks in the stream must have the"
                        + " times of the input");
        unless(!overwrite || rejects != null, "-overwrite goes with -rejects FILE only");
        unless(
                !end || (stream != null && !noWatermark && !print && !resume),
                "-end cannot go with -print, -noWatermark or -resume; it sends a watermark to a stream");
        unless(
                timeField != null || (timeFormat == null && idField == null && keyField == null && adaptFields == null),
                "-timeFormat, -idField, -keyField and -adaptFields go with -timeField NAME only");
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
                        + " (java -Xmx gives a larger heap)");
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
                option + " is '" + time + "', which has no offset; add one, such as Z, or name its -timezone");
        return time.millis(zone == null ? ZoneOffset.UTC : zone);
    }

    private @Nullable RecordFields fields(@Nullable ZoneId zone) {
        return timeField == null
                ? null
                : RecordFieldOptions.fields(
                        timeField, timeFormat, zone, idField, keyField, adaptFields, adaptTime != AdaptTime.ORIGINAL);
    }
}
