package io.taxistream.search;

import java.util.List;
import java.util.function.IntSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.jspecify.annotations.Nullable;

/** Metrics of a writer; documented in {@link SearchSink}. */
final class WriterMetrics {

    private static final int LATENCY_WINDOW = 1_000;

    private final Counter recordsSent;
    private final Counter bytesSent;
    private final Counter documentsStored;
    private final Counter bytesStored;
    private final Counter documentsRefused;
    private final Counter documentsRetried;
    private final Counter documentsSuperseded;
    private final Histogram bulkLatencyMillis;
    private long lastLatencyMillis;

    /**
     * @param ownGroup name of the group, inside the given one, for metrics that are not Flink's standard ones; null for none
     */
    WriterMetrics(SinkWriterMetricGroup group, @Nullable String ownGroup, IntSupplier requestsInFlight) {
        MetricGroup own = ownGroup == null ? group : group.addGroup(ownGroup);
        recordsSent = group.getNumRecordsSendCounter();
        bytesSent = group.getNumBytesSendCounter();
        documentsStored = own.counter(SearchSink.DOCUMENTS_STORED_METRIC);
        bytesStored = own.counter(SearchSink.BYTES_STORED_METRIC);
        documentsRefused = group.getNumRecordsSendErrorsCounter();
        documentsRetried = own.counter(SearchSink.DOCUMENTS_RETRIED_METRIC);
        documentsSuperseded = own.counter(SearchSink.DOCUMENTS_SUPERSEDED_METRIC);
        bulkLatencyMillis =
                own.histogram(SearchSink.BULK_LATENCY_METRIC, new DescriptiveStatisticsHistogram(LATENCY_WINDOW));
        own.counter(SearchSink.DOCUMENTS_DEAD_METRIC, documentsRefused);
        own.gauge(SearchSink.BULK_REQUESTS_IN_FLIGHT_METRIC, requestsInFlight::getAsInt);
        group.setCurrentSendTimeGauge(() -> lastLatencyMillis);
    }

    void sent(List<BulkEntry> request) {
        recordsSent.inc(request.size());
        for (BulkEntry entry : request) {
            bytesSent.inc(BulkBody.size(entry.document()));
        }
    }

    void answered(long latencyMillis) {
        lastLatencyMillis = latencyMillis;
        bulkLatencyMillis.update(latencyMillis);
    }

    void stored(BulkEntry entry) {
        if (!entry.deadLetter()) {
            documentsStored.inc();
            bytesStored.inc(entry.document().source().length);
        }
    }

    void rejected() {
        documentsRefused.inc();
    }

    void superseded() {
        documentsSuperseded.inc();
    }

    void retried(List<BulkEntry> documents) {
        documentsRetried.inc(documents.size());
    }
}
