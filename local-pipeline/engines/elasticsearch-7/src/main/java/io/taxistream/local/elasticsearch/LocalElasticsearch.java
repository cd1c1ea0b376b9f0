package io.taxistream.local.elasticsearch;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.http.HttpServerTransport;

/**
 * Runs one Elasticsearch node on the loopback address until the process receives SIGTERM or SIGINT.
 *
 * <p>Usage: {@code java -cp … io.taxistream.local.elasticsearch.LocalElasticsearch DATA_FOLDER}. Once the node answers
 * requests, the program prints one line to standard output: {@value #READY_PREFIX} and the address, {@code
 * http://127.0.0.1:PORT}, with a free port.
 */
public final class LocalElasticsearch {

    /** Prefix of the line that gives the address. */
    public static final String READY_PREFIX = "Elasticsearch listens on ";

    private LocalElasticsearch() {}

    /** Starts the node; exits with code 2 unless the one argument is a folder. */
    public static void main(String[] args) throws InterruptedException {
        // The node redirects System.out to its logging, so this opens the original stream of the process.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        if (args.length != 1) {
            System.err.println("one argument is required: the data folder of Elasticsearch");
            System.exit(2);
        }

        ElasticsearchClusterRunner runner = start(args[0]);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(runner), "stop-elasticsearch"));
        out.println(READY_PREFIX + address(runner));
        new CountDownLatch(1).await();
    }

    private static ElasticsearchClusterRunner start(String dataFolder) {
        ElasticsearchClusterRunner runner = new ElasticsearchClusterRunner();
        runner.onBuild((number, settings) -> configure(settings));
        runner.build(ElasticsearchClusterRunner.newConfigs()
                .basePath(dataFolder)
                .clusterName("taxi-stream")
                .numOfNode(1));
        runner.ensureYellow();
        return runner;
    }

    private static void configure(Settings.Builder settings) {
        settings.put("discovery.type", "single-node");
        settings.put("network.host", "127.0.0.1");
        settings.put("http.port", "0");
        settings.put("transport.port", "0");
        // The disk of a laptop is often nearly full, and the tests store little.
        settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        settings.put("action.destructive_requires_name", true);
    }

    private static String address(ElasticsearchClusterRunner runner) {
        var http = runner.getInstance(HttpServerTransport.class);
        return "http://127.0.0.1:" + http.boundAddress().publishAddress().getPort();
    }

    private static void stop(ElasticsearchClusterRunner runner) {
        try {
            runner.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Elasticsearch did not shut down cleanly", e);
        }
    }
}
