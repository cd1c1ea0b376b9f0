package io.taxistream.local.services;

import io.taxistream.eventtime.Part;
import io.taxistream.local.status.ProducerProgress;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The shipped producer jar as a process of its own, replaying what the local S3 serves. */
public final class ProducerProcess implements AutoCloseable {

    private static final long STATISTICS_MILLIS = 1_000;

    private final ChildProcess process;
    private final PrintWriter log;
    private final Output output;

    private ProducerProcess(ChildProcess process, PrintWriter log, Output output) {
        this.process = process;
        this.log = log;
        this.output = output;
    }

    /**
     * Starts the replay.
     *
     * @param scratch a folder for temporary files, removed when the process has ended
     * @param logFile gets all that the process prints
     */
    public static ProducerProcess start(
            Path java, Path jar, Arguments arguments, Path scratch, Path logFile, Consumer<String> messages)
            throws IOException {
        Files.createDirectories(scratch);
        PrintWriter log = new PrintWriter(Files.newBufferedWriter(logFile, StandardCharsets.UTF_8), true);
        Output output = new Output(log, messages);
        Map<String, String> environment = new HashMap<>(LocalCredentials.asEnvironment());
        List<String> command = arguments.command(java, jar, scratch);
        return new ProducerProcess(ChildProcess.start("producer", command, environment, scratch, output), log, output);
    }

    /** Completes with the producer's exit code when it has ended: 0 when all trips were sent and acknowledged. */
    public CompletableFuture<Integer> exitCode() {
        return process.exitCode();
    }

    /** What the producer has said last about how far it is. */
    public ProducerProgress progress() {
        return output.progress;
    }

    /** The last line that the producer printed besides its progress, which says why if it has failed. */
    String lastLine() {
        return output.lastLine;
    }

    /** Kills the process without asking it to end; what it has sent and not been told of is in doubt. */
    void kill() {
        process.killCommand();
    }

    /** Asks the process to see what it has sent arrive and to end, and does not wait for that. */
    void requestEnd() {
        process.requestEnd();
    }

    @Override
    public void close() {
        process.close();
        log.close();
    }

    /**
     * What the producer is told.
     *
     * @param part whose trips it sends
     * @param speedup seconds of event time in one second, 0 for as fast as possible
     * @param maxRejects percentage of unreadable records above which the producer ends with exit code 1
     * @param aggregate whether many trips are packed into one Kinesis record
     * @param resume whether to go on where the stream says that an earlier process has ended
     */
    public record Arguments(
            String stream,
            URI kinesis,
            URI s3,
            Part part,
            double speedup,
            double maxRejects,
            boolean aggregate,
            boolean resume) {

        List<String> command(Path java, Path jar, Path scratch) {
            List<String> command = readCommand(java, jar, s3, maxRejects, scratch);
            command.addAll(List.of(
                    "-stream",
                    stream,
                    "-endpoint",
                    kinesis.toString(),
                    "-speedup",
                    plain(speedup),
                    "-statisticsFrequency",
                    Long.toString(STATISTICS_MILLIS)));
            if (!part.isOnly()) {
                command.addAll(List.of("-part", part.toString()));
            }
            if (aggregate) {
                command.add("-aggregate");
            }
            if (resume) {
                command.add("-resume");
            }
            return command;
        }

        /** Has the producer print the trips instead of sending them. */
        public static List<String> printCommand(Path java, Path jar, URI s3, double maxRejects, Path scratch) {
            List<String> command = readCommand(java, jar, s3, maxRejects, scratch);
            command.addAll(List.of("-speedup", "0", "-noWatermark", "-print"));
            return command;
        }

        private static List<String> readCommand(Path java, Path jar, URI s3, double maxRejects, Path scratch) {
            List<String> command = new ArrayList<>(List.of(
                    java.toString(),
                    "-Xmx384m",
                    "-XX:+UseSerialGC",
                    ChildProcess.EXIT_ON_OUT_OF_MEMORY,
                    "-Djava.io.tmpdir=" + scratch,
                    "-jar",
                    jar.toString(),
                    "-region",
                    LocalCredentials.REGION,
                    "-bucket",
                    S3Service.BUCKET,
                    "-prefix",
                    S3Service.PREFIX,
                    "-s3Endpoint",
                    s3.toString(),
                    "-maxRejects",
                    plain(maxRejects),
                    "-sort"));
            command.addAll(1, JavaWarnings.off());
            return command;
        }

        /** A number as people write it: without an exponent, whole numbers without a fraction. */
        public static String plain(double value) {
            return Double.isFinite(value)
                    ? new BigDecimal(Double.toString(value))
                            .stripTrailingZeros()
                            .toPlainString()
                    : Double.toString(value);
        }
    }

    private static final class Output implements Consumer<String> {

        private final PrintWriter log;
        private final Consumer<String> messages;
        private volatile ProducerProgress progress = ProducerProgress.NONE;
        private volatile String lastLine = "it printed nothing";

        private Output(PrintWriter log, Consumer<String> messages) {
            this.log = log;
            this.messages = messages;
        }

        @Override
        public void accept(String line) {
            log.println(line);
            if (line.isBlank()) {
                return;
            }
            ProducerProgress.parse(line).ifPresentOrElse(told -> progress = told, () -> {
                lastLine = line;
                messages.accept(line);
            });
        }
    }
}
