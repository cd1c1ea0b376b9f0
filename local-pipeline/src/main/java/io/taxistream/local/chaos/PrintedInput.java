package io.taxistream.local.chaos;

import io.taxistream.events.MalformedEventException;
import io.taxistream.local.services.ChildProcess;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalCredentials;
import io.taxistream.local.services.ProducerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

/** Reads the input by running the shipped producer jar in print mode, so that only one implementation interprets the files. */
public final class PrintedInput {

    private static final int PROGRESS_TRIPS = 1_000_000;

    private PrintedInput() {}

    /**
     * Reads the whole input.
     *
     * @param maxRejects percentage of the records that may be unreadable
     * @param scratch a folder for temporary files, deleted at the end
     * @param logFile receives the producer's other output
     * @param progress receives the number of trips read so far, after each million
     * @throws IOException if the producer fails, or prints a line that is not an event
     */
    public static ReplayInput read(
            Installation installation, URI s3, double maxRejects, Path scratch, Path logFile, LongConsumer progress)
            throws IOException {
        ReplayInput input = new ReplayInput();
        AtomicReference<String> malformed = new AtomicReference<>();
        // the shell redirects standard error, which would otherwise be mixed with the records
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" 2>\"$0\"", logFile.toString()));
        command.addAll(ProducerProcess.Arguments.printCommand(
                installation.java(), installation.producerJar(), s3, maxRejects, scratch));
        int code;
        try (ChildProcess process = ChildProcess.start(
                "input",
                command,
                LocalCredentials.asEnvironment(),
                scratch,
                line -> add(line, input, malformed, progress))) {
            code = process.exitCode().join();
        }
        if (code != 0) {
            throw new IOException("the input cannot be read: the producer " + ChildProcess.describeExit(code)
                    + "; see its log, " + logFile);
        }
        if (malformed.get() != null) {
            throw new IOException("the producer printed an invalid event: " + malformed.get());
        }
        return input;
    }

    private static void add(String line, ReplayInput input, AtomicReference<String> malformed, LongConsumer progress) {
        try {
            if (input.add(line) && input.trips() % PROGRESS_TRIPS == 0) {
                progress.accept(input.trips());
            }
        } catch (MalformedEventException e) {
            malformed.compareAndSet(null, e.getMessage() + ": " + line);
        }
    }
}
