package io.taxistream.local.services;

import static java.util.Objects.requireNonNull;

import io.taxistream.local.opensearch.LocalOpenSearch;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** OpenSearch in a separate JVM, on the loopback address. */
public final class SearchService implements AutoCloseable {

    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

    private final ChildProcess process;
    private final PrintWriter log;
    private final CompletableFuture<URI> address;

    private SearchService(ChildProcess process, PrintWriter log, CompletableFuture<URI> address) {
        this.process = process;
        this.log = log;
        this.address = address;
    }

    /**
     * Starts the process; {@link #awaitReady()} waits until it answers.
     *
     * @param workFolder data folder, deleted with its contents when the process has ended
     * @param logFile receives the output of the process
     */
    public static SearchService start(Installation installation, Path workFolder, Path logFile) throws IOException {
        var address = new CompletableFuture<URI>();
        PrintWriter log = new PrintWriter(Files.newBufferedWriter(logFile, StandardCharsets.UTF_8), true);
        List<String> command = new ArrayList<>(List.of(
                installation.java().toString(),
                "-Xms256m",
                "-Xmx448m",
                "-XX:+UseSerialGC",
                // C2 would take half of the processor time of a start.
                "-XX:TieredStopAtLevel=1",
                ChildProcess.EXIT_ON_OUT_OF_MEMORY,
                "-jar",
                installation.searchJar().toString(),
                workFolder.resolve("opensearch").toString(),
                LocalOpenSearch.FEW_MODULES));
        command.addAll(1, JavaWarnings.off());
        command.addAll(1, FastStart.classArchive(installation.searchJar()));
        ChildProcess process = ChildProcess.start("opensearch", command, Map.of(), workFolder, line -> {
            log.println(line);
            if (line.startsWith(LocalOpenSearch.READY_PREFIX)) {
                address.complete(URI.create(line.substring(LocalOpenSearch.READY_PREFIX.length())));
            }
        });
        return new SearchService(process, log, address);
    }

    /**
     * Waits until the search engine answers.
     *
     * @return its address
     * @throws IOException if it exits or is not ready in time
     */
    public URI awaitReady() throws IOException, InterruptedException {
        try {
            CompletableFuture.anyOf(address, process.exitCode()).get(START_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            if (address.isDone()) {
                return address.get();
            }
            throw new IOException(
                    "OpenSearch " + ChildProcess.describeExit(process.exitCode().get()) + " before it was ready");
        } catch (ExecutionException e) {
            throw new IOException(
                    "OpenSearch did not report its address: "
                            + requireNonNull(e.getCause(), "a future that failed has a cause")
                                    .getMessage(),
                    e);
        } catch (TimeoutException e) {
            throw new IOException("OpenSearch was not ready within " + START_TIMEOUT.toSeconds() + " s", e);
        }
    }

    /** Completes with the exit code when the process ends for whatever reason. */
    public CompletableFuture<Integer> exitCode() {
        return process.exitCode();
    }

    @Override
    public void close() {
        process.close();
        log.close();
    }
}
