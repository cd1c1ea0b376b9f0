package io.taxistream.local.launcher;

import io.taxistream.local.services.FlinkJob;
import io.taxistream.local.services.FlinkJob.Reading;
import io.taxistream.local.services.FlinkService;
import io.taxistream.local.services.Indices;
import io.taxistream.local.services.Producers;
import io.taxistream.local.services.RestorableJob;
import io.taxistream.local.services.ResumableProducer;
import io.taxistream.local.services.SearchClient;
import io.taxistream.local.services.StreamService;
import io.taxistream.local.status.Checkpoints;
import io.taxistream.local.status.EventLog;
import io.taxistream.local.status.EventLog.Kind;
import io.taxistream.local.status.FailedCheckpoints;
import io.taxistream.local.status.Health;
import io.taxistream.local.status.Health.ShardHealth;
import io.taxistream.local.status.JobCounters;
import io.taxistream.local.status.PartStatus;
import io.taxistream.local.status.PipelineSnapshot;
import io.taxistream.local.status.PipelineStatus.State;
import io.taxistream.local.status.ProducerProgress;
import io.taxistream.processor.trips.TripAnalysis;
import io.taxistream.search.SearchSink;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Reads the progress of the job, the stream and the search engine. Not thread-safe. */
public final class Monitor {

    /** The job's counter of trips read, including those it leaves out. */
    static final String TRIPS_READ = TripAnalysis.TRIPS_METRIC;

    /** The job's counters of trips and records that are not counted in results, with their labels. */
    private static final Map<String, String> LEFT_OUT = leftOut();

    private static final String DOCUMENTS_STORED = SearchSink.DOCUMENTS_STORED_METRIC;
    private static final String DOCUMENTS_RETRIED = SearchSink.DOCUMENTS_RETRIED_METRIC;
    private static final String THROTTLED_READS = "throttledReads";

    private static final Set<String> METRICS = metrics();

    private final RestorableJob job;
    private final FlinkService flink;
    private final SearchClient search;
    private final Indices indices;
    private final StreamService stream;
    private final EventLog events;
    private final JobCounters counters = new JobCounters();
    private final FailedCheckpoints failedCheckpoints = new FailedCheckpoints();
    private Checkpoints checkpoints = new Checkpoints(0, 0, 0, Optional.empty());
    private long restarts;
    private Optional<String> jobError = Optional.empty();
    private Reading reading = Reading.NONE;

    /**
     * Creates a monitor.
     *
     * @param events receives an entry when the job fails over
     */
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
     * Takes a snapshot: first the watermark, then the job's counters, then the producers, so that each figure is at least as
     * recent as those downstream of it. A snapshot never has more trips read than sent.
     *
     * @throws IOException if the job or the search engine does not answer
     */
    PipelineSnapshot read(Producers producers) throws IOException {
        FlinkJob current = job.current();
        reading = current.read(METRICS);
        Checkpoints counted = current.checkpoints();
        checkpoints = counted.withFailed(failedCheckpoints.update(current.id(), counted.failed(), reading.starting()));
        long restartsNow = current.restarts();
        if (!reading.starting()) {
            counters.update(
                    current.id() + "/" + restartsNow, restartsNow == 0, checkpoints.completed(), reading.metrics());
        }
        announceRestarts(current, restartsNow);
        Map<String, Long> leftOut = new LinkedHashMap<>();
        LEFT_OUT.forEach((counter, label) -> counters.total(counter).ifPresent(count -> leftOut.put(label, count)));
        ProducerProgress progress = progress(producers);
        OptionalLong read = counters.total(TRIPS_READ);
        long repeated = Math.max(0, read.orElse(0) - progress.sent().orElse(0));
        if (repeated > 0) {
            read = progress.sent();
        }
        if (repeated > 0 && counters.areExact()) {
            leftOut.put("duplicates", repeated);
        }
        return new PipelineSnapshot(
                reading.state(),
                progress,
                parts(producers),
                read,
                leftOut,
                counters.areExact(),
                reading.watermark(),
                search.count(indices.pickupCount()),
                search.count(indices.tripDuration()));
    }

    /** Returns the error that made the job fail over and that a restart would only repeat; empty if there was none. */
    Optional<String> jobError() {
        return jobError;
    }

    /** Returns the health of the pipeline as of the last {@link #read}. */
    Health health() {
        List<ShardHealth> shards = stream.backlog().stream()
                .map(shard -> new ShardHealth(
                        shard.shardId(),
                        shard.open(),
                        watermark(reading.shardWatermarks().getOrDefault(shard.shardId(), Long.MIN_VALUE)),
                        shard.recordsBehind()))
                .toList();
        return new Health(
                shards,
                checkpoints,
                restarts,
                flink.taskManagers(),
                counters.total(DOCUMENTS_STORED),
                counters.total(DOCUMENTS_RETRIED),
                counters.total(THROTTLED_READS));
    }

    /**
     * Returns the progress of the producers. They report once a second, so the job may have read trips that they have not yet
     * reported.
     */
    private ProducerProgress progress(Producers producers) {
        ProducerProgress progress = producers.progress();
        return producers.haveEnded()
                ? progress
                : progress.withSentAtLeast(counters.total(TRIPS_READ).orElse(0));
    }

    private List<PartStatus> parts(Producers producers) {
        Map<String, Long> watermarks = reading.partWatermarks();
        List<PartStatus.PartProgress> started = producers.parts().stream()
                .map(producer -> new PartStatus.PartProgress(
                        producer.part().toString(),
                        state(producer),
                        producer.progress().sent(),
                        watermarks.getOrDefault(producer.part().toString(), Long.MIN_VALUE)))
                .toList();
        return PartStatus.ofRun(started, watermarks);
    }

    private static State state(ResumableProducer producer) {
        return producer.exitCode()
                .map(code -> code == 0 ? State.FINISHED : State.FAILED)
                .orElse(producer.isRunning() ? State.RUNNING : State.WAITING);
    }

    private void announceRestarts(FlinkJob current, long restartsNow) throws IOException {
        if (restartsNow > restarts) {
            events.add(Kind.JOB, "The job failed over and resumed from its last checkpoint");
            jobError = current.error();
        }
        restarts = restartsNow;
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
        labels.put(TripAnalysis.OUTSIDE_AREA_METRIC, "outside the area");
        labels.put(TripAnalysis.IMPLAUSIBLE_METRIC, "implausible");
        labels.put(TripAnalysis.LATE_METRIC, "late");
        labels.put(TripAnalysis.MALFORMED_METRIC, "malformed");
        labels.put(SearchSink.DOCUMENTS_DEAD_METRIC, "documents rejected by the search engine");
        return labels;
    }
}
