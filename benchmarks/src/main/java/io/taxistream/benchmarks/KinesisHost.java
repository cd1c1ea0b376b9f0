package io.taxistream.benchmarks;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * An embedded Kinesis with one stream in a separate process, so that its CPU time is not attributed to the code being
 * measured.
 */
final class KinesisHost implements AutoCloseable {

    static final String STREAM = "trips";
    static final String REGION = "us-east-1";

    private final Process process;
    private final URI http;
    private final URI https;

    private KinesisHost(Process process, URI http, URI https) {
        this.process = process;
        this.http = http;
        this.https = https;
    }

    static KinesisHost start(int shards) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx5g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KinesisHost.class.getName(),
                        Integer.toString(shards))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String addresses = lines.readLine();
            if (addresses == null) {
                throw new IOException("the process of the embedded Kinesis exited during startup");
            }
            String[] parts = addresses.split(" ", 2);
            return new KinesisHost(process, URI.create(parts[0]), URI.create(parts[1]));
        }
    }

    URI http() {
        return http;
    }

    URI https() {
        return https;
    }

    @Override
    public void close() {
        process.destroy();
    }

    /** Serves until its standard input ends, which happens when the parent process exits. */
    public static void main(String[] args) throws IOException {
        try (EmbeddedKinesis kinesis =
                EmbeddedKinesis.builder().enforceLimits(false).start()) {
            kinesis.createStream(STREAM, Integer.parseInt(args[0]));
            System.out.println(kinesis.httpEndpoint() + " " + kinesis.httpsEndpoint());
            while (System.in.read() >= 0) {
                // input is ignored
            }
        }
    }
}
