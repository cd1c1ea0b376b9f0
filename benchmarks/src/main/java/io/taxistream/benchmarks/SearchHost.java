package io.taxistream.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The local pipeline's OpenSearch, in a process of its own, and empty. */
final class SearchHost implements AutoCloseable {

    private static final Path JAR = Path.of("local-pipeline", "opensearch", "target", "local-opensearch-1.0.jar");

    /** What the program prints in front of its address when it is ready. */
    private static final String READY_PREFIX = "OpenSearch listens on ";

    private final Process process;
    private final Path folder;
    private final URI address;

    private SearchHost(Process process, Path folder, URI address) {
        this.process = process;
        this.folder = folder;
        this.address = address;
    }

    static SearchHost start() throws IOException {
        Path folder = Files.createTempDirectory("benchmark-search");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms256m",
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-jar",
                        JAR.toString(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        while (line != null && !line.startsWith(READY_PREFIX)) {
            line = lines.readLine();
        }
        if (line == null) {
            throw new IOException("OpenSearch ended before it was ready");
        }
        drain(lines);
        return new SearchHost(process, folder, URI.create(line.substring(READY_PREFIX.length())));
    }

    /** Reads on, so that the process does not wait for a reader. */
    private static void drain(BufferedReader lines) {
        Thread reader = new Thread(
                () -> {
                    try {
                        lines.transferTo(Writer.nullWriter());
                    } catch (IOException e) {
                        // the process is ending, and with it what there is to read
                        return;
                    }
                },
                "search-output");
        reader.setDaemon(true);
        reader.start();
    }

    URI address() {
        return address;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroy();
        process.waitFor();
        List<Path> files;
        try (Stream<Path> tree = Files.walk(folder)) {
            files = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
