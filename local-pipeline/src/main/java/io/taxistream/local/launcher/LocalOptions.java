package io.taxistream.local.launcher;

import io.taxistream.local.services.ProducerProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

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

    static final double DEFAULT_SPEEDUP = 1440;
    static final int DEFAULT_SHARDS = 8;
    static final double DEFAULT_MAX_REJECTS = 0.5;
    static final int DEFAULT_PORT = 8080;

    /** The highest speed-up that the producer accepts. */
    private static final double MAX_SPEEDUP = 1e9;

    /** The most shards that the local stream takes; each costs a place in every fetch of the source. */
    public static final int MAX_SHARDS = 256;

    static final int MAX_PARALLELISM = 64;

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
     * @throws UsageException if an option is unknown, lacks its value or has one out of range
     */
    public static Optional<LocalOptions> parse(String... args) throws UsageException {
        var arguments = new Arguments();
        try {
            new CommandLine(arguments).parseArgs(args);
        } catch (ParameterException e) {
            throw new UsageException(
                    inWords(String.valueOf(e.getMessage())) + "; ./run-local.sh --help lists the options", e);
        }
        return arguments.help ? Optional.empty() : Optional.of(arguments.toOptions());
    }

    /** The first line of a message of the parser, which calls numbers by the names of Java's types. */
    private static String inWords(String message) {
        return message.lines()
                .findFirst()
                .orElse("the command line is not understood")
                .replace("is not a double", "is not a number")
                .replace("is not an int", "is not a whole number")
                .replace("is not a long", "is not a whole number");
    }

    /** The text that {@code --help} prints. */
    public static String help() {
        return new CommandLine(new Arguments()).getUsageMessage();
    }

    /** The command line is wrong; the message is one line that names the option and what it accepts. */
    public static final class UsageException extends Exception {

        public UsageException(String message) {
            super(message);
        }

        public UsageException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    @Command(
            name = "./run-local.sh",
            sortOptions = false,
            usageHelpAutoWidth = true,
            description = "Replays taxi trips through Kinesis and Flink into a search engine, all on this machine.",
            footer = {
                "",
                "Logs of the last ten runs: a folder a run in local-pipeline/target/logs, or where TAXI_STREAM_LOGS says.",
                "Ctrl-C ends everything. Exit code: 0 when all went well, 1 when the run failed, 2 when an option is wrong."
            })
    private static final class Arguments {

        @Option(
                names = "--data",
                paramLabel = "FILE_OR_FOLDER",
                description = "trips to replay, CSV or JSON lines, compressed or not; a generated day if not given")
        private Path data;

        @Option(
                names = "--speedup",
                paramLabel = "N",
                description =
                        "times real time, 0 for as fast as possible, at most 1000000000 (default: 1440, 24 minutes"
                                + " a second)")
        private double speedup = DEFAULT_SPEEDUP;

        @Option(
                names = "--producers",
                paramLabel = "N",
                description = "producers, each a process that sends its share of the trips, 1 to " + MAX_PRODUCERS
                        + " (default: 1; with --chaos as many as the seed draws)")
        private Integer producers;

        @Option(
                names = "--shards",
                paramLabel = "N",
                description = "shards of the stream, 1 to " + MAX_SHARDS + " (default: " + DEFAULT_SHARDS + ")")
        private int shards = DEFAULT_SHARDS;

        @Option(
                names = "--parallelism",
                paramLabel = "N",
                description = "subtasks of each operator of the job, 1 to " + MAX_PARALLELISM
                        + " (default: one a processor, at most " + MAX_DEFAULT_PARALLELISM + ")")
        private int parallelism = defaultParallelism();

        @Option(names = "--once", description = "end when the whole input was processed and every window has closed")
        private boolean once;

        @Option(
                names = "--export",
                paramLabel = "DIR",
                description = "with --once: write the documents to DIR as NDJSON at the end")
        private Path export;

        @Option(
                names = "--max-rejects",
                paramLabel = "PERCENT",
                description = "largest share of unreadable records in the input, 0 to 100; the run fails above it"
                        + " (default: " + DEFAULT_MAX_REJECTS + ")")
        private double maxRejects = DEFAULT_MAX_REJECTS;

        @Option(
                names = "--port",
                paramLabel = "N",
                description = "port of the status page, 0 for any free one (default: " + DEFAULT_PORT + ")")
        private int port = DEFAULT_PORT;

        @Option(names = "--no-browser", description = "do not open the status page in a browser")
        private boolean noBrowser;

        @Option(
                names = "--chaos",
                paramLabel = "SEED",
                description = "play faults drawn from SEED, a whole number, while the replay runs, and compare all"
                        + " documents with a batch computation; the same seed, the same faults")
        private Long chaos;

        @Option(names = "--help", usageHelp = true, description = "show this text")
        private boolean help;

        private LocalOptions toOptions() throws UsageException {
            if (data != null && !Files.isReadable(data)) {
                throw new UsageException("--data " + data + ": there is no such file or folder, or it is not readable");
            }
            requireRange("--speedup", speedup, MAX_SPEEDUP, "a number from 0 (as fast as possible) to 1000000000");
            requireRange("--max-rejects", maxRejects, 100, "a percentage from 0 to 100");
            if (producers != null) {
                requireRange("--producers", producers, 1, MAX_PRODUCERS);
            }
            requireRange("--shards", shards, 1, MAX_SHARDS);
            requireRange("--parallelism", parallelism, 1, MAX_PARALLELISM);
            requireRange("--port", port, 0, 65_535);
            if (export != null && !once) {
                throw new UsageException("--export writes what there is at the end of the replay; add --once");
            }
            if (export != null && Files.exists(export) && !Files.isDirectory(export)) {
                throw new UsageException("--export " + export + ": must be a folder, but is a file");
            }
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

        private static void requireRange(String option, double value, double max, String accepted)
                throws UsageException {
            if (!(value >= 0 && value <= max)) {
                throw new UsageException(
                        option + " " + ProducerProcess.Arguments.plain(value) + ": must be " + accepted);
            }
        }

        private static void requireRange(String option, int value, int min, int max) throws UsageException {
            if (value < min || value > max) {
                throw new UsageException(
                        "%s %d: must be a whole number from %d to %d".formatted(option, value, min, max));
            }
        }
    }
}
