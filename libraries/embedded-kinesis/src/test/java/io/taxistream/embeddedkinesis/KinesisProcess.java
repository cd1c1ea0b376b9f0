package io.taxistream.embeddedkinesis;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** An embedded Kinesis with one stream in a JVM of its own, with a heap of a size to choose. */
final class KinesisProcess implements AutoCloseable {

    static final String STREAM = "trips";

    private static final int FAILED = 3;

    private final Process process;
    private final URI endpoint;

    private KinesisProcess(Process process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /** @throws IOException if it does not start */
    static KinesisProcess start(String maxHeap, int shards) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + maxHeap,
                        "-cp",
                        System.getProperty("java.class.path"),
                        KinesisProcess.class.getName(),
                        Integer.toString(shards))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String endpoint = lines.readLine();
        if (endpoint == null) {
            throw new IOException("the process of the embedded Kinesis ended at once");
        }
        return new KinesisProcess(process, URI.create(endpoint));
    }

    URI endpoint() {
        return endpoint;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Serves until its standard input ends or something fails. */
    public static void main(String[] args) throws IOException {
        try (EmbeddedKinesis kinesis = EmbeddedKinesis.builder()
                .enforceLimits(false)
                .onFailure(failure -> Runtime.getRuntime().halt(FAILED))
                .start()) {
            kinesis.createStream(STREAM, Integer.parseInt(args[0]));
            System.out.println(kinesis.httpEndpoint());
            while (System.in.read() >= 0) {
                // nothing is said to it
            }
        }
    }
}
