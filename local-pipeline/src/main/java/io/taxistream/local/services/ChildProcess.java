package io.taxistream.local.services;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
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
 * A child process that ends with this process, however this one ends, and whose scratch folder is deleted afterwards.
 *
 * <p>The command runs under a small shell that holds the other end of a pipe from this process. When the pipe closes, because
 * of {@link #close()} or because this process was killed, the shell asks the command to end, and kills it after a grace period.
 * Neither an interrupt from the terminal nor its end reaches the command, so the pipeline can close its parts in order, and the
 * shell can delete the scratch folder even if this process led the terminal's session and was killed.
 */
public final class ChildProcess implements AutoCloseable {

    /** Time that a command may take to end before the shell kills it. */
    private static final int GRACE_SECONDS = FastStart.isRecording() ? 60 : 5;

    /**
     * Arguments: the scratch folder, then the command. Needs only a POSIX shell. The shell closes its own output, so that
     * writing a message cannot end it once the reader is gone.
     */
    private static final String SUPERVISOR = """
            trap '' INT HUP
            scratch=$1
            shift
            exec 3<&0
            "$@" 3<&- </dev/null &
            child=$!
            exec >/dev/null 2>&1
            (
                read -r order <&3
                [ "$order" != kill ] || kill -9 "$child"
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

    /** JVM option that exits on an out-of-memory error instead of continuing without the failed thread. */
    static final String EXIT_ON_OUT_OF_MEMORY = "-XX:+ExitOnOutOfMemoryError";

    /** Exit code of a JVM with {@link #EXIT_ON_OUT_OF_MEMORY}. */
    private static final int OUT_OF_MEMORY = 3;

    /** Exit code that a shell reports for a command killed by SIGKILL. */
    private static final int KILLED = 128 + 9;

    private static final String LOOPBACK_HOSTS = "127.0.0.1,localhost,::1";

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
     * @param name name used for threads and in messages
     * @param environment variables added to the environment of this process
     * @param scratch the command's scratch folder, deleted with its contents when the command has ended
     * @param output receives each line of standard output and standard error, on a separate thread
     * @throws IOException if there is no {@code sh} or the machine allows no more processes
     */
    public static ChildProcess start(
            String name, List<String> command, Map<String, String> environment, Path scratch, Consumer<String> output)
            throws IOException {
        List<String> supervised = new ArrayList<>(List.of("sh", "-c", SUPERVISOR, name, scratch.toString()));
        supervised.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(supervised).redirectErrorStream(true);
        // Users who work with AWS have these set; they must not override the local credentials.
        builder.environment().keySet().removeIf(variable -> variable.startsWith("AWS_"));
        withoutProxy(builder.environment());
        builder.environment().putAll(environment);
        return new ChildProcess(name, builder.start(), output);
    }

    /**
     * Exempts the loopback addresses from the proxies that the environment names. Clients look at different variables, and none
     * exempts these addresses by itself.
     */
    private static void withoutProxy(Map<String, String> environment) {
        for (String variable : List.of("no_proxy", "NO_PROXY")) {
            environment.merge(variable, LOOPBACK_HOSTS, (hosts, loopback) -> hosts + "," + loopback);
        }
    }

    /** Completes with the command's exit code after its last line of output has been delivered. */
    public CompletableFuture<Integer> exitCode() {
        return exitCode;
    }

    /** Describes an exit code, as the continuation of a sentence that begins with the program's name. */
    public static String describeExit(int code) {
        return switch (code) {
            case OUT_OF_MEMORY -> "ran out of memory (exit code " + code + ")";
            case KILLED -> "was killed (exit code " + code + "), perhaps because the machine ran out of memory";
            default -> "exited with code " + code;
        };
    }

    /** Whether the command is running. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Kills the command and all its descendants without asking it to end; {@link #exitCode()} completes when it has ended. */
    public void killCommand() {
        requestKill();
        // The shell is not killed: it deletes the scratch folder, and ends after the command.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
    }

    /** Makes the shell kill the command, even one that it has not started yet and that cannot be found as a descendant. */
    void requestKill() {
        try {
            OutputStream orders = process.getOutputStream();
            orders.write("kill\n".getBytes(StandardCharsets.US_ASCII));
            orders.flush();
        } catch (IOException e) {
            // The command has ended, or has been asked to.
        }
    }

    /** Asks the command to end, and returns without waiting; the shell kills it after the grace period. */
    void requestEnd() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException("the pipe to " + name + " could not be closed", e);
        }
    }

    /** Ends the command and waits for its end. */
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
            // The stream is closed under the reader when the process ends; any other failure is logged.
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
