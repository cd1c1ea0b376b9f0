package org.apache.flink.metrics.prometheus;

import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.Writer;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Collects the metrics of the Flink clusters in this process for Prometheus, but opens no port: Flink's own reporter listens on
 * all network interfaces. It is in Flink's package because the registry is package-private there.
 */
public final class InProcessReporter extends AbstractPrometheusReporter {

    private static final Set<InProcessReporter> OPEN = ConcurrentHashMap.newKeySet();

    private InProcessReporter() {}

    /** Writes all metrics in Prometheus' text format, version 0.0.4. */
    public static void write(Writer out) throws IOException {
        for (InProcessReporter reporter : OPEN) {
            TextFormat.write004(out, reporter.registry.metricFamilySamples());
        }
    }

    @Override
    public void open(MetricConfig config) {
        super.open(config);
        OPEN.add(this);
    }

    @Override
    public void close() {
        OPEN.remove(this);
        super.close();
    }

    /** Creates the reporter; found by Flink through its name in the configuration. */
    public static final class Factory implements MetricReporterFactory {

        @Override
        public InProcessReporter createMetricReporter(Properties properties) {
            return new InProcessReporter();
        }
    }
}
