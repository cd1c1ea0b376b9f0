package io.taxistream.local.opensearch;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.codelibs.opensearch.runner.OpenSearchRunner;
import org.opensearch.common.settings.Settings;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.plugins.Plugin;

/**
 * Runs one OpenSearch node on the loopback address until the process receives SIGTERM or SIGINT.
 *
 * <p>Usage: {@code java -cp … io.taxistream.local.opensearch.LocalOpenSearch DATA_FOLDER [MODULES]}. Once the node answers
 * requests, the program prints one line to standard output: {@value #READY_PREFIX} and the address, {@code
 * http://127.0.0.1:PORT}, with a free port. MODULES are class names, separated by commas; default: those of the distribution.
 */
public final class LocalOpenSearch {

    /** Prefix of the line that gives the address. */
    public static final String READY_PREFIX = "OpenSearch listens on ";

    /**
     * The modules of OpenSearch 2 that the pipeline needs: HTTP and aggregation by geohash. Without the others, such as scripts
     * and ingest pipelines, it starts in two thirds of the time.
     */
    public static final String FEW_MODULES = "org.opensearch.transport.Netty4Plugin,org.opensearch.geo.GeoModulePlugin";

    private LocalOpenSearch() {}

    /** Starts the node; exits with code 2 unless there are one or two arguments. */
    public static void main(String[] args) throws InterruptedException {
        // The node redirects System.out to its logging, so this opens the original stream of the process.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        if (args.length < 1 || args.length > 2) {
            System.err.println("the data folder of OpenSearch is required; a list of modules may follow");
            System.exit(2);
        }

        OpenSearchRunner runner = start(args[0], Optional.ofNullable(args.length > 1 ? args[1] : null));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(runner), "stop-opensearch"));
        out.println(READY_PREFIX + address(runner));
        new CountDownLatch(1).await();
    }

    private static OpenSearchRunner start(String dataFolder, Optional<String> modules) {
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> configure(settings));
        OpenSearchRunner.Configs configs = OpenSearchRunner.newConfigs()
                .basePath(dataFolder)
                .clusterName("taxi-stream")
                .pluginTypes(plugins())
                .numOfNode(1);
        modules.ifPresent(configs::moduleTypes);
        runner.build(configs);
        runner.ensureYellow();
        return runner;
    }

    /** Returns the names of the plugins on the class path, separated by commas. */
    private static String plugins() {
        return ServiceLoader.load(Plugin.class).stream()
                .map(plugin -> plugin.type().getName())
                .collect(Collectors.joining(","));
    }

    private static void configure(Settings.Builder settings) {
        settings.put("discovery.type", "single-node");
        settings.put("network.host", "127.0.0.1");
        settings.put("http.port", "0");
        settings.put("transport.port", "0");
        // The disk of a laptop is often nearly full, and a local run stores little.
        settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        settings.put("action.destructive_requires_name", true);
    }

    private static String address(OpenSearchRunner runner) {
        var http = runner.getInstance(HttpServerTransport.class);
        return "http://127.0.0.1:" + http.boundAddress().publishAddress().getPort();
    }

    private static void stop(OpenSearchRunner runner) {
        try {
            runner.close();
        } catch (IOException e) {
            throw new UncheckedIOException("OpenSearch did not shut down cleanly", e);
        }
    }
}
