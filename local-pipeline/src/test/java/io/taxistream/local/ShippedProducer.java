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

/** Runs the shipped producer as a process of its own, in a folder for its logs and temporary files. */
final class ShippedProducer implements AutoCloseable {

    private static final Installation INSTALLATION = Installation.ofThisClass();

    private final Path folder;
    private final List<Process> processes = new ArrayList<>();

    ShippedProducer(Path folder) {
        this.folder = folder;
    }

    /** What it takes to send into a stream of this process. */
    static List<String> into(EmbeddedKinesis kinesis, String stream) {
        return List.of(
                "-stream",
                stream,
                "-region",
                LocalCredentials.REGION,
                "-endpoint",
                kinesis.httpsEndpoint().toString());
    }

    /** The command that runs it with so much heap. */
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
     * Starts it.
     *
     * @param output the name of a file for standard output
     * @param log the name of a file for standard error
     */
    Process start(String output, String log, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(Redirect.to(folder.resolve(output).toFile()))
                .redirectError(Redirect.to(folder.resolve(log).toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        // of the tests alone, and the launcher tells of it on standard error
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.environment().putAll(LocalCredentials.asEnvironment());
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    /** What it has written to a file. */
    String read(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }

    /** What it has written to a file, line by line. */
    List<String> lines(String name) throws IOException {
        return Files.readAllLines(folder.resolve(name));
    }

    /** Ends whatever still runs. */
    @Override
    public void close() {
        for (Process process : processes) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
