package io.taxistream.local;

import io.taxistream.local.EventLog.Kind;
import io.taxistream.local.FlinkJob.Reading;
import io.taxistream.local.Health.ShardHealth;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Reads from the job, the stream and the search engine how far they have come. Not thread-safe. */
final class Monitor {

    /** The job's counter of trips that it has read, those included that it leaves out. */
    static final String TRIPS_READ = "trips";

    /** The job's counters of what no result counts, and what a person would call them. */
    private static final Map<String, String> LEFT_OUT = leftOut();

    private static final String DOCUMENTS_STORED = "documentsStored";
    private static final String DOCUMENTS_RETRIED = "documentsRetried";
    private static final String THROTTLED_READS = "throttledReads";

    private static final Set<String> METRICS = metrics();

    private final RestorableJob job;
    private final FlinkService flink;
    private final SearchClient search;
    private final Indices indices;
    private final StreamService stream;
    private final EventLog events;
    private long restarts;
    private Reading reading = new Reading("", Optional.empty(), Map.of(), Map.of());

    /** @param events gets an entry when the job fails over */
    Monitor(
            RestorableJob job,
            FlinkService flink,
            SearchClient search,
            Indices indices,
            StreamService stream,
            EventLog events) {
        this.job = job;
        this.flink = flink;
        this.search = search;
        this.indices = indices;
        this.stream = stream;
        this.events = events;
    }

    /**
     * Reads the figures. The watermark is read first, so that the counters are at least as new.
     *
     * @throws IOException if the job or the search engine does not answer
     */
    Figures read(ProducerProgress producer) throws IOException {
        FlinkJob current = job.current();
        reading = current.read(METRICS);
        tellRestarts(current.restarts());
        Map<String, Long> leftOut = new LinkedHashMap<>();
        LEFT_OUT.forEach((counter, label) -> count(counter).ifPresent(count -> leftOut.put(label, count)));
        return new Figures(
                reading.state(),
                producer,
                count(TRIPS_READ),
                leftOut,
                reading.watermark(),
                search.count(indices.pickupCount()),
                search.count(indices.tripDuration()));
    }

    /**
     * Tells how well the pipeline is, as of the last {@link #read}.
     *
     * @throws IOException if the job does not answer
     */
    Health health() throws IOException {
        List<ShardHealth> shards = stream.backlog().stream()
                .map(shard -> new ShardHealth(
                        shard.shardId(),
                        shard.open(),
                        watermark(reading.shardWatermarks().getOrDefault(shard.shardId(), Long.MIN_VALUE)),
                        shard.recordsBehind()))
                .toList();
        return new Health(
                shards,
                job.current().checkpoints(),
                restarts,
                flink.taskManagers(),
                count(DOCUMENTS_STORED),
                count(DOCUMENTS_RETRIED),
                count(THROTTLED_READS));
    }

    private void tellRestarts(long restartsNow) {
        if (restartsNow > restarts) {
            events.add(Kind.JOB, "The job has failed over and goes on from its last checkpoint");
        }
        restarts = restartsNow;
    }

    private OptionalLong count(String metric) {
        Long count = reading.metrics().get(metric);
        return count == null ? OptionalLong.empty() : OptionalLong.of(count);
    }

    private static OptionalLong watermark(long millis) {
        return millis == Long.MIN_VALUE || millis == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(millis);
    }

    private static Set<String> metrics() {
        Set<String> names = new HashSet<>(Set.of(TRIPS_READ, DOCUMENTS_STORED, DOCUMENTS_RETRIED, THROTTLED_READS));
        names.addAll(LEFT_OUT.keySet());
        return names;
    }

    private static Map<String, String> leftOut() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("tripsOutsideArea", "outside the area");
        labels.put("tripsImplausible", "implausible");
        labels.put("tripsLate", "late");
        labels.put("recordsMalformed", "malformed");
        labels.put("documentsDead", "documents refused by the search engine");
        return labels;
    }
}
