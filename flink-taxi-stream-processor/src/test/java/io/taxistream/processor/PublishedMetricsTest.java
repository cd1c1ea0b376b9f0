package io.taxistream.processor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.processor.trips.TripAnalysis;
import io.taxistream.search.SearchSink;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tests that the metrics sent to CloudWatch by EMR's nodes have the names that Flink's Prometheus reporter generates.
 */
class PublishedMetricsTest {

    private static final Path SCRIPT = Path.of("..", "cfn-templates", "emr-metrics.sh");
    private static final Pattern CHOICE = Pattern.compile("^\\w+='(flink_\\w+?)(?:\\((.+)\\))?'$", Pattern.MULTILINE);
    private static final int PORT = freePort();

    @RegisterExtension
    private static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(new MiniClusterResourceConfiguration.Builder()
                    .setConfiguration(Configuration.fromMap(Map.of(
                            "metrics.reporter.prometheus.factory.class",
                            "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
                            "metrics.reporter.prometheus.port",
                            String.valueOf(PORT))))
                    .setNumberTaskManagers(1)
                    .setNumberSlotsPerTaskManager(1)
                    .build());

    @Test
    void reporterOffersEveryMetricThatTheNodesPublish() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.enableCheckpointing(100);
        env.fromSequence(0, Long.MAX_VALUE).map(new Measured()).sinkTo(new DiscardingSink<>());
        JobClient job = env.executeAsync();

        try {
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() -> assertThat(offered()).containsAll(published()));
            assertThat(scrape()).contains(",shardId=\"shardId_000000000001\",");
        } finally {
            job.cancel().get();
        }
    }

    private static Set<String> published() throws IOException {
        return CHOICE.matcher(Files.readString(SCRIPT))
                .results()
                .flatMap(found -> found.group(2) == null
                        ? Stream.of(found.group(1))
                        : Arrays.stream(found.group(2).split("\\|")).map(name -> found.group(1) + name))
                .collect(Collectors.toSet());
    }

    private static Set<String> offered() throws IOException {
        return scrape().lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.replaceFirst("[{ ].*", ""))
                .collect(Collectors.toSet());
    }

    private static String scrape() throws IOException {
        try (InputStream page =
                URI.create("http://localhost:" + PORT + "/metrics").toURL().openStream()) {
            return new String(page.readAllBytes(), UTF_8);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Registers the metrics of the job's operators, source and sink in one operator. */
    private static final class Measured extends RichMapFunction<Long, Long> {

        private static final long serialVersionUID = 1;

        @Override
        public void open(OpenContext context) {
            MetricGroup metrics = getRuntimeContext().getMetricGroup();
            Stream.of(
                            TripAnalysis.TRIPS_METRIC,
                            TripAnalysis.LATE_METRIC,
                            TripAnalysis.MALFORMED_METRIC,
                            SearchSink.DOCUMENTS_STORED_METRIC,
                            SearchSink.DOCUMENTS_DEAD_METRIC)
                    .forEach(metrics::counter);
            metrics.addGroup("kinesis")
                    .addGroup("shardId", "shardId-000000000001")
                    .gauge("millisBehindLatest", (Gauge<Long>) () -> 0L);
        }

        @Override
        public Long map(Long value) {
            return value;
        }
    }
}
