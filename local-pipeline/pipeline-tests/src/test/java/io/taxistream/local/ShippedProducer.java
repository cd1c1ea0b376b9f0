package io.taxistream.local;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalCredentials;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the shipped producer as a separate process, in a folder for its logs and temporary files. */
final class ShippedProducer implements AutoCloseable {

    private static final Installation INSTALLATION = Installation.ofThisClass();

    private final Path folder;
    private final List<Process> processes = new ArrayList<>();

    ShippedProducer(Path folder) {
        this.folder = folder;
    }

    /** Returns the arguments for sending to a stream of this process. */
    static List<String> into(EmbeddedKinesis kinesis, String stream) {
        return List.of(
                "-stream",
                stream,
                "-region",
                LocalCredentials.REGION,
                "-endpoint",
                kinesis.httpsEndpoint().toString());
    }

    /** Returns the command that runs it with this heap size. */
    List<String> command(String heap, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                INSTALLATION.java().toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + folder,
                "-jar",
                INSTALLATION.producerJar().toString()));
        command.addAll(arguments);
        return command;
    }

    /**
     * Starts the process.
     *
     * @param output name of a file for standard output
     * @param log name of a file for standard error
     */
    Process start(String output, String log, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(Redirect.to(folder.resolve(output).toFile()))
                .redirectError(Redirect.to(folder.resolve(log).toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        // set for the tests only, and the launcher reports it on standard error
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.environment().putAll(LocalCredentials.asEnvironment());
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    /** Returns the contents of a file that it has written. */
    String read(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }

    /** Returns the lines of a file that it has written. */
    List<String> lines(String name) throws IOException {
        return Files.readAllLines(folder.resolve(name));
    }

    /** Kills any process that is still running. */
    @Override
    public void close() {
        for (Process process : processes) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
