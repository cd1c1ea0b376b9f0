package io.taxistream.local;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.taxistream.local.services.ChildProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A search engine in a separate process, which ends with this one at the latest. */
final class RunningEngine implements AutoCloseable {

    private static final String BEFORE_ADDRESS = " listens on ";
    private static final int START_MINUTES = 4;
    private static final Path LOGS = Path.of("target", "engine-logs");
    private static final Map<Engine, RunningEngine> SHARED = new EnumMap<>(Engine.class);

    private final ChildProcess process;
    private final PrintWriter log;
    private final URI address;

    private RunningEngine(ChildProcess process, PrintWriter log, URI address) {
        this.process = process;
        this.log = log;
        this.address = address;
    }

    /** Returns the engine shared by all tests of this process; skips the calling test if the engine cannot run here. */
    static synchronized RunningEngine shared(Engine engine) throws Exception {
        RunningEngine running = SHARED.get(engine);
        if (running == null) {
            Path scratch = Files.createTempDirectory("search-engine-");
            running = start(engine, scratch.resolve("data"), scratch);
            SHARED.put(engine, running);
        }
        return running;
    }

    /**
     * Starts an engine and waits until it answers. Its output is kept in the build folder.
     *
     * @param data the engine's data folder
     * @param scratch a folder for temporary files, deleted when the engine has ended
     */
    static RunningEngine start(Engine engine, Path data, Path scratch) throws Exception {
        Optional<List<String>> program = engine.command();
        assumeTrue(program.isPresent(), engine::requirement);
        Path logFile = Files.createTempFile(Files.createDirectories(LOGS), engine.name() + "-", ".log");
        PrintWriter log = new PrintWriter(Files.newBufferedWriter(logFile, StandardCharsets.UTF_8), true);
        List<String> command = new ArrayList<>(program.get());
        command.add(data.toString());
        var address = new CompletableFuture<URI>();
        ChildProcess process = ChildProcess.start(engine.name(), command, Map.of(), scratch, line -> {
            log.println(line);
            int position = line.indexOf(BEFORE_ADDRESS);
            if (position > 0) {
                address.complete(URI.create(line.substring(position + BEFORE_ADDRESS.length())));
            }
        });
        CompletableFuture.anyOf(address, process.exitCode()).get(START_MINUTES, TimeUnit.MINUTES);
        if (!address.isDone()) {
            throw new IOException(engine + " did not start:\n" + Files.readString(logFile));
        }
        return new RunningEngine(process, log, address.get());
    }

    URI address() {
        return address;
    }

    /** Kills the process, as in a crash. */
    void kill() throws Exception {
        process.killCommand();
        process.exitCode().get(1, TimeUnit.MINUTES);
        close();
    }

    @Override
    public void close() {
        process.close();
        log.close();
    }
}
