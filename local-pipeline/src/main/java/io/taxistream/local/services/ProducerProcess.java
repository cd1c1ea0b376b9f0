package io.taxistream.local.services;

import io.taxistream.commandline.Printable;
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

/** A process of the shipped producer jar that replays the objects in the local S3. */
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
     * @param scratch a folder for temporary files, deleted when the process has ended
     * @param logFile receives the output of the process
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

    /** Completes with the producer's exit code: 0 when all trips were sent and acknowledged. */
    public CompletableFuture<Integer> exitCode() {
        return process.exitCode();
    }

    /** Returns the progress that the producer last reported. */
    public ProducerProgress progress() {
        return output.progress;
    }

    /**
     * Returns the producer's last line of output that is not a progress report; if the producer has failed, this line says why.
     */
    String lastLine() {
        return output.lastLine;
    }

    /** Kills the process without asking it to end; unacknowledged records may or may not have arrived. */
    void kill() {
        process.killCommand();
    }

    /** Asks the process to end once its sent records are acknowledged; returns without waiting. */
    void requestEnd() {
        process.requestEnd();
    }

    @Override
    public void close() {
        process.close();
        log.close();
    }

    /**
     * Arguments of the producer.
     *
     * @param part part of the trips to send
     * @param speedup seconds of event time per second, 0 for as fast as possible
     * @param maxRejects percentage of unreadable records above which the producer exits with code 1
     * @param sort whether to sort the input before the first trip is sent; not needed if it is in order
     * @param aggregate whether to pack many trips into one Kinesis record
     * @param resume whether to resume where an earlier process has ended, according to the stream
     */
    public record Arguments(
            String stream,
            URI kinesis,
            URI s3,
            Part part,
            double speedup,
            double maxRejects,
            boolean sort,
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
            if (sort) {
                command.add("-sort");
            }
            if (aggregate) {
                command.add("-aggregate");
            }
            if (resume) {
                command.add("-resume");
            }
            return command;
        }

        /** Returns the command that prints the trips instead of sending them. */
        public static List<String> printCommand(Path java, Path jar, URI s3, double maxRejects, Path scratch) {
            List<String> command = readCommand(java, jar, s3, maxRejects, scratch);
            command.addAll(List.of("-sort", "-speedup", "0", "-noWatermark", "-print"));
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
                    plain(maxRejects)));
            command.addAll(1, JavaWarnings.off());
            command.addAll(1, FastStart.LATE_C2);
            command.addAll(1, FastStart.classArchive(jar));
            return command;
        }

        /** Formats a number without an exponent, and without a fraction if it is whole. */
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
        private volatile String lastLine = "no output";

        private Output(PrintWriter log, Consumer<String> messages) {
            this.log = log;
            this.messages = messages;
        }

        @Override
        public void accept(String printed) {
            // The libraries in the process may print names as they are.
            String line = Printable.of(printed);
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
