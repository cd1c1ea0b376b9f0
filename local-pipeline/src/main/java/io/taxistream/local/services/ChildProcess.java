package io.taxistream.local.services;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A process that ends with this one, however this one ends, and whose scratch folder is removed when it has ended.
 *
 * <p>The command runs below a small shell that holds the other end of a pipe from here. When the pipe closes, because of
 * {@link #close()} or because this process was killed, the shell asks the command to end and kills it if it does not. An
 * interrupt from the terminal does not reach the command, so that the pipeline can end its parts in order.
 */
public final class ChildProcess implements AutoCloseable {

    /** How long a command may take to end after it was asked to; the shell then kills it. */
    private static final int GRACE_SECONDS = 5;

    /**
     * Arguments: the scratch folder, then the command. Needs nothing but a POSIX shell, which gives up its own output so
     * that a message of its own cannot end it when nobody reads any more.
     */
    private static final String SUPERVISOR = """
            trap '' INT
            scratch=$1
            shift
            exec 3<&0
            "$@" 3<&- </dev/null &
            child=$!
            exec >/dev/null 2>&1
            (
                read -r _ <&3
                kill "$child"
                seconds=0
                while [ "$seconds" -lt %d ] && kill -0 "$child"; do
                    sleep 1
                    seconds=$((seconds + 1))
                done
                kill -9 "$child"
            ) &
            watcher=$!
            wait "$child"
            code=$?
            kill "$watcher"
            rm -rf -- "$scratch"
            exit "$code"
            """.formatted(GRACE_SECONDS);

    /** Option of a JVM that ends it where it would otherwise go on without what the failed thread was for. */
    static final String EXIT_ON_OUT_OF_MEMORY = "-XX:+ExitOnOutOfMemoryError";

    /** Exit code of a JVM with {@link #EXIT_ON_OUT_OF_MEMORY}. */
    private static final int OUT_OF_MEMORY = 3;

    /** Exit code that a shell reports for a command ended by SIGKILL. */
    private static final int KILLED = 128 + 9;

    private final String name;
    private final Process process;
    private final Thread outputReader;
    private final CompletableFuture<Integer> exitCode;

    private ChildProcess(String name, Process process, Consumer<String> output) {
        this.name = name;
        this.process = process;
        this.outputReader = new Thread(() -> readLines(output), name + "-output");
        outputReader.setDaemon(true);
        outputReader.start();
        this.exitCode = process.onExit().thenApplyAsync(ended -> {
            awaitOutput();
            return ended.exitValue();
        });
    }

    /**
     * Starts a command.
     *
     * @param name what threads and messages call it
     * @param environment added to the environment of this process
     * @param scratch a folder of the command's own, removed with all that is in it when the command has ended
     * @param output gets each line of standard output and standard error, on a thread of its own
     * @throws IOException if there is no {@code sh} or the machine allows no more processes
     */
    public static ChildProcess start(
            String name, List<String> command, Map<String, String> environment, Path scratch, Consumer<String> output)
            throws IOException {
        List<String> supervised = new ArrayList<>(List.of("sh", "-c", SUPERVISOR, name, scratch.toString()));
        supervised.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(supervised).redirectErrorStream(true);
        // Whoever works with AWS in this terminal has these set; they must not mix with the local credentials.
        builder.environment().keySet().removeIf(variable -> variable.startsWith("AWS_"));
        builder.environment().putAll(environment);
        return new ChildProcess(name, builder.start(), output);
    }

    /** Completes with the command's exit code after its last line of output was delivered. */
    public CompletableFuture<Integer> exitCode() {
        return exitCode;
    }

    /** What an exit code says, to follow the name of the program in a sentence. */
    public static String describeExit(int code) {
        return switch (code) {
            case OUT_OF_MEMORY -> "ran out of memory (exit code " + code + ")";
            case KILLED -> "was killed (exit code " + code + "), perhaps because the machine ran out of memory";
            default -> "ended with code " + code;
        };
    }

    /** Whether the command runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Kills the command, and all that it has started, without asking it to end; {@link #exitCode()} tells when it has. */
    public void killCommand() {
        // The shell itself lives on to remove the scratch folder, and ends with the command.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
    }

    /** Asks the command to end, and does not wait until it has; the shell kills it if it does not end in time. */
    void requestEnd() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException("the pipe to " + name + " could not be closed", e);
        }
    }

    /** Ends the command and waits until it has ended. */
    @Override
    public void close() {
        try {
            requestEnd();
        } finally {
            awaitEnd();
        }
    }

    private void awaitEnd() {
        boolean interrupted = false;
        try {
            if (!process.waitFor(GRACE_SECONDS + 5, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            interrupted = true;
            kill();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private void readLines(Consumer<String> output) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.accept(line);
            }
        } catch (IOException e) {
            // The stream is closed under the reader when the process ends; anything else is worth a line.
            if (process.isAlive()) {
                output.accept(name + ": its output can no longer be read: " + e.getMessage());
            }
        }
    }

    private void awaitOutput() {
        try {
            outputReader.join(Duration.ofSeconds(2).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
