package io.taxistream.local.services;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {

    @TempDir
    private Path folder;

    private Path scratch;
    private final ConcurrentLinkedQueue<String> output = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void makeScratchFolder() throws IOException {
        scratch = Files.createDirectory(folder.resolve("scratch"));
        Files.writeString(scratch.resolve("file"), "x");
    }

    @Test
    void reportsExitCodeAndOutputAndRemovesTheScratchFolder() throws Exception {
        ChildProcess child = start("echo one; echo two >&2; exit 7");

        assertThat(child.exitCode().get(10, SECONDS)).isEqualTo(7);
        assertThat(output).containsExactlyInAnyOrder("one", "two");
        assertThat(scratch).doesNotExist();
    }

    @Test
    void passesTheEnvironmentButNoAwsSettingsOfTheUser() throws Exception {
        ChildProcess child = ChildProcess.start(
                "child",
                List.of("sh", "-c", "env | grep '^AWS_'"),
                Map.of("AWS_ACCESS_KEY_ID", "local"),
                scratch,
                output::add);

        child.exitCode().get(10, SECONDS);

        assertThat(output).containsExactly("AWS_ACCESS_KEY_ID=local");
    }

    @Test
    void loopbackAddressesAreExemptFromProxies() throws Exception {
        ChildProcess child = start("echo $no_proxy; echo $NO_PROXY");

        child.exitCode().get(10, SECONDS);

        assertThat(output).hasSize(2).allMatch(hosts -> hosts.endsWith("127.0.0.1,localhost,::1"));
    }

    @Test
    void scratchFolderIsRemovedAlthoughTheTerminalEnds() throws Exception {
        // The supervising shell is the parent.
        ChildProcess child = start("kill -HUP $PPID $$; echo alive");

        assertThat(child.exitCode().get(10, SECONDS)).isZero();
        assertThat(output).containsExactly("alive");
        assertThat(scratch).doesNotExist();
    }

    @Test
    void closingEndsTheCommand() throws Exception {
        ChildProcess child = start("echo $$; exec sleep 600");
        long pid = awaitPid();

        child.close();

        assertThat(child.exitCode().get(10, SECONDS)).isEqualTo(128 + 15);
        assertThat(isAlive(pid)).isFalse();
        assertThat(scratch).doesNotExist();
    }

    @Test
    void killingIsForcibleAndRemovesTheScratchFolder() throws Exception {
        ChildProcess child = start("trap 'echo asked' TERM; echo $$; while :; do sleep 1; done");
        long pid = awaitPid();

        child.killCommand();

        assertThat(child.exitCode().get(10, SECONDS)).isEqualTo(128 + 9);
        assertThat(isAlive(pid)).isFalse();
        assertThat(output).doesNotContain("asked");
        assertThat(scratch).doesNotExist();
    }

    @Test
    void shellKillsTheCommandItself() throws Exception {
        ChildProcess child = start("trap 'echo asked' TERM; while :; do sleep 1; done");

        // before the shell has started the command, no descendant is there to be killed from here
        child.requestKill();

        assertThat(child.exitCode().get(10, SECONDS)).isEqualTo(128 + 9);
        assertThat(scratch).doesNotExist();
    }

    @Test
    void closingKillsAnUnresponsiveCommand() throws Exception {
        ChildProcess child = start("trap '' TERM; echo $$; while :; do sleep 1; done");
        long pid = awaitPid();

        child.close();

        assertThat(isAlive(pid)).isFalse();
        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void closingAfterTheEndDoesNothing() throws Exception {
        ChildProcess child = start("exit 0");
        child.exitCode().get(10, SECONDS);

        child.close();

        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void endsWhenItsParentIsKilled() throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        scratch.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long pid;
        try (var lines = new BufferedReader(new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8))) {
            pid = Long.parseLong(lines.readLine());
            assertThat(isAlive(pid)).isTrue();

            parent.destroyForcibly();
        }

        await().atMost(10, SECONDS).until(() -> !isAlive(pid));
        await().atMost(10, SECONDS).until(() -> !Files.exists(scratch));
    }

    /** Starts a child that runs until it is asked to end, and prints its process id. */
    static final class Parent {

        private Parent() {}

        public static void main(String[] args) throws Exception {
            ChildProcess child = ChildProcess.start(
                    "child",
                    List.of("sh", "-c", "echo $$; exec sleep 600"),
                    Map.of(),
                    Path.of(args[0]),
                    System.out::println);
            child.exitCode().get();
        }
    }

    private ChildProcess start(String script) throws IOException {
        return ChildProcess.start("child", List.of("sh", "-c", script), Map.of(), scratch, output::add);
    }

    private long awaitPid() {
        await().atMost(10, SECONDS).until(() -> !output.isEmpty());
        return Long.parseLong(output.peek());
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
