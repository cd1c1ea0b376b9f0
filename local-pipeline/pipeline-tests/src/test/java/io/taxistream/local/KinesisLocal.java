package io.taxistream.local;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process of kinesis-local, a Kinesis emulator that shares no code with this project. It needs Node.js and is installed by
 * npm.
 */
final class KinesisLocal implements AutoCloseable {

    private static final Path PACKAGE = Path.of("src", "test", "kinesis-local");

    private final Process process;
    private final int httpPort;
    private final int httpsPort;

    private KinesisLocal(Process process, int httpPort, int httpsPort) {
        this.process = process;
        this.httpPort = httpPort;
        this.httpsPort = httpsPort;
    }

    /** Whether {@code node} and {@code npm} are on the path. */
    static boolean nodeIsInstalled() {
        return succeeds("node", "--version") && succeeds("npm", "--version");
    }

    /** Installs the emulator, starts it, and waits until it answers. */
    static KinesisLocal start(Path folder) throws IOException, InterruptedException {
        for (String file : new String[] {"package.json", "package-lock.json"}) {
            Files.copy(PACKAGE.resolve(file), folder.resolve(file));
        }
        Process npm = new ProcessBuilder("npm", "ci", "--silent", "--no-audit", "--no-fund")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("npm.log").toFile())
                .start();
        if (npm.waitFor() != 0) {
            throw new IOException("npm could not fetch kinesis-local: " + Files.readString(folder.resolve("npm.log")));
        }
        Path emulator = folder.resolve("node_modules/kinesis-local").toAbsolutePath();
        int httpPort = freePort();
        int httpsPort = freePort();
        ProcessBuilder node = new ProcessBuilder(
                        "node", emulator.resolve("main.js").toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("kinesis-local.log").toFile());
        node.environment()
                .putAll(Map.of(
                        "KINESIS_MOCK_CERT_PATH",
                                emulator.resolve("server.json").toString(),
                        "KINESIS_MOCK_PLAIN_PORT", Integer.toString(httpPort),
                        "KINESIS_MOCK_TLS_PORT", Integer.toString(httpsPort),
                        "CREATE_STREAM_DURATION", "50ms",
                        "SPLIT_SHARD_DURATION", "50ms",
                        "MERGE_SHARDS_DURATION", "50ms",
                        "UPDATE_SHARD_COUNT_DURATION", "50ms",
                        "LOG_LEVEL", "ERROR"));
        KinesisLocal started = new KinesisLocal(node.start(), httpPort, httpsPort);
        await().atMost(Duration.ofSeconds(60)).until(() -> accepts(httpPort) && accepts(httpsPort));
        return started;
    }

    URI httpEndpoint() {
        return URI.create("http://127.0.0.1:" + httpPort);
    }

    URI httpsEndpoint() {
        return URI.create("https://127.0.0.1:" + httpsPort);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static boolean succeeds(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // the command does not exist
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false; // not yet
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("there is no free port", e);
        }
    }
}
