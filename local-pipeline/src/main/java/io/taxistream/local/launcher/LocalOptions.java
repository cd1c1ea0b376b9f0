package io.taxistream.local.launcher;

import static io.taxistream.commandline.UsageException.unless;

import io.taxistream.commandline.Accepts;
import io.taxistream.commandline.ComputedDefault;
import io.taxistream.commandline.OptionParser;
import io.taxistream.commandline.UsageException;
import io.taxistream.local.services.S3Service;
import io.taxistream.local.status.Messages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the command line of the local pipeline says; every value is valid.
 *
 * @param data a file or folder with trips; empty for a generated day
 * @param speedup seconds of event time that pass in one second; 0 for as fast as possible
 * @param producers that each send a share of the input; empty for one, or as many as the faults' seed draws
 * @param shards of the stream at the start
 * @param parallelism of the Flink job
 * @param once whether to end when the whole input was processed
 * @param export a folder that gets the documents at the end; only together with {@code once}
 * @param maxRejects percentage of the input's records that may be unreadable before the run fails, 0 to 100
 * @param port of the status page; 0 for one that is free
 * @param browser whether to open the status page in a browser
 * @param chaos what to draw the faults from that strike during the replay; empty for none
 */
public record LocalOptions(
        Optional<Path> data,
        double speedup,
        OptionalInt producers,
        int shards,
        int parallelism,
        boolean once,
        Optional<Path> export,
        double maxRejects,
        int port,
        boolean browser,
        OptionalLong chaos) {

    /** The most shards that the local stream takes; each costs a place in every fetch of the source. */
    public static final int MAX_SHARDS = 256;

    /** The most producers; each is a JVM that sorts the input. */
    static final int MAX_PRODUCERS = 16;

    private static final int MAX_DEFAULT_PARALLELISM = 4;

    /** One subtask a processor, but no more than a day of trips can make use of. */
    static int defaultParallelism() {
        return Math.min(Runtime.getRuntime().availableProcessors(), MAX_DEFAULT_PARALLELISM);
    }

    /**
     * Reads a command line; empty if it asks for help.
     *
     * @throws UsageException if an option is unknown, lacks its value or has one that it does not accept
     */
    public static Optional<LocalOptions> parse(String... args) {
        var arguments = new Arguments();
        return new OptionParser(arguments).parse(args) ? Optional.of(arguments.toOptions()) : Optional.empty();
    }

    /** The parser, which also knows the help page. */
    public static OptionParser parser() {
        return new OptionParser(new Arguments());
    }

    @Command(
            name = "./run-local.sh",
            description = "Replays taxi trips through Kinesis and Flink into a search engine, all on this machine.",
            footer = {
                "",
                "Logs of the last ten runs are in local-pipeline/target/logs, or in the folder that TAXI_STREAM_LOGS"
                        + " names.",
                "Ctrl-C stops everything. Exit code: 0 on success, 1 if the run failed, 2 if the command line is"
                        + " invalid."
            })
    private static final class Arguments {

        @Option(
                names = "--data",
                paramLabel = "FILE_OR_FOLDER",
                description = "Trips to replay: CSV, Parquet or JSON lines, compressed or not.")
        @ComputedDefault("a generated day")
        private @Nullable Path data;

        @Option(
                names = "--speedup",
                paramLabel = "N",
                defaultValue = "1440",
                description =
                        "Replay speed as a multiple of real time: 1440 is a day in a minute, 0 is as fast as possible.")
        @Accepts(value = "a number", from = "0", to = "1000000000")
        private double speedup;

        @Option(
                names = "--producers",
                paramLabel = "N",
                description = "Number of producers. Each is a process that sends its share of the trips.")
        @Accepts(from = "1", to = "" + MAX_PRODUCERS)
        @ComputedDefault("1; with --chaos, drawn from the seed")
        private @Nullable Integer producers;

        @Option(
                names = "--shards",
                paramLabel = "N",
                defaultValue = "8",
                description = "Number of shards of the" + " stream.")
        @Accepts(from = "1", to = "" + MAX_SHARDS)
        private int shards;

        @Option(names = "--parallelism", paramLabel = "N", description = "Parallelism of the job.")
        @Accepts(from = "1", to = "64")
        @ComputedDefault("the number of processors, at most " + MAX_DEFAULT_PARALLELISM)
        private int parallelism = defaultParallelism();

        @Option(
                names = "--once",
                description = "Print a summary and exit when the whole input has been processed and every window has"
                        + " closed. Without it the pipeline runs until Ctrl-C.")
        private boolean once;

        @Option(
                names = "--export",
                paramLabel = "DIR",
                description = "With --once: write the documents to DIR as NDJSON at the end.")
        private @Nullable Path export;

        @Option(
                names = "--max-rejects",
                paramLabel = "PERCENT",
                defaultValue = "0.5",
                description = "Maximum share of unreadable records in the input. The run fails above it.")
        @Accepts(value = "a percentage", from = "0", to = "100")
        private double maxRejects;

        @Option(
                names = "--port",
                paramLabel = "N",
                defaultValue = "8080",
                description = "Port of the status page; 0 for any free port.")
        @Accepts(from = "0", to = "65535")
        private int port;

        @Option(names = "--no-browser", description = "Do not open the status page in a browser.")
        private boolean noBrowser;

        @Option(
                names = "--chaos",
                paramLabel = "SEED",
                description = "Inject faults drawn from SEED, a whole number, during the replay, and compare all"
                        + " documents with a batch computation. The same seed gives the same faults.")
        private @Nullable Long chaos;

        /** Refuses names that cannot be listed: the XML of S3 cannot represent control characters. */
        private void requireServedNames() {
            if (data == null) {
                return;
            }
            try {
                for (Path name : S3Service.servedNames(data)) {
                    unless(
                            name.toString().chars().noneMatch(c -> Character.isISOControl(c) || c >= 0xfffe),
                            "--data contains the file '" + name + "', whose name has a control character; rename it");
                }
            } catch (IOException e) {
                throw new UsageException(
                        "--data is '" + data + "', which cannot be listed: " + Messages.ofRootCause(e)
                                + "; it must be a readable file or folder",
                        e);
            }
        }

        private LocalOptions toOptions() {
            unless(
                    data == null || Files.isReadable(data),
                    "--data is '" + data + "'; it must be an existing, readable file or folder");
            requireServedNames();
            unless(
                    export == null || once,
                    "--export requires --once; it writes the documents at the end of the" + " replay");
            unless(
                    export == null || !Files.exists(export) || Files.isDirectory(export),
                    "--export is '" + export + "', which is a file; name a folder");
            return new LocalOptions(
                    Optional.ofNullable(data),
                    speedup,
                    producers == null ? OptionalInt.empty() : OptionalInt.of(producers),
                    shards,
                    parallelism,
                    once,
                    Optional.ofNullable(export),
                    maxRejects,
                    port,
                    !noBrowser,
                    chaos == null ? OptionalLong.empty() : OptionalLong.of(chaos));
        }
    }
}
