package io.taxistream.local.services;

import com.fasterxml.jackson.databind.JsonNode;
import io.taxistream.local.status.Checkpoints;
import io.taxistream.local.status.Messages;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;

/** A job submitted to the local cluster: reads its state, and stops it. */
public final class FlinkJob {

    private static final Duration SAVEPOINT_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(5);

    /** Limit that keeps addresses below the 4,096 characters that Flink's server accepts. */
    private static final int METRICS_PER_REQUEST = 25;

    /** Prefix that the source adds to a shard's id in metric names. */
    private static final String SHARD_PREFIX = ".shardId.";

    private static final Pattern SHARD_WATERMARK = Pattern.compile("([^.]+)\\.watermark");

    /** Prefix that the source adds to a part in metric names. */
    private static final String PART_PREFIX = ".part.";

    private static final Pattern PART_WATERMARK = Pattern.compile("part\\.(\\d+/\\d+)\\.watermark");

    /** First line of a stack trace, or a line that starts a cause. */
    private static final Pattern THROWN =
            Pattern.compile("^(?:Caused by: )?([\\w$]+(?:\\.[\\w$]+)+)(?::.*)?$", Pattern.MULTILINE);

    private final MiniCluster cluster;
    private final JobID id;
    private final Path savepointFolder;
    private final JsonHttp rest;
    private final String path;
    private final CompletableFuture<JobResult> result;

    FlinkJob(MiniCluster cluster, JobID id, URI restAddress, Path savepointFolder) {
        this.cluster = cluster;
        this.id = id;
        this.savepointFolder = savepointFolder;
        this.rest = new JsonHttp(restAddress, Duration.ofSeconds(10));
        this.path = "/jobs/" + id;
        this.result = cluster.requestJobResult(id);
    }

    /** Flink's id of the job. */
    public String id() {
        return id.toString();
    }

    /** Returns the address of the job's page in Flink's web UI. */
    public URI webPage() {
        return rest.address().resolve("/#/job/running/" + id + "/overview");
    }

    /** Returns Flink's name for the job's state, such as RUNNING or RESTARTING. */
    String state() throws IOException {
        return rest.get(path).get("state").textValue();
    }

    /** Whether all subtasks of the job are running. */
    public boolean allTasksRun() throws IOException {
        JsonNode job = rest.get(path);
        if (!job.get("state").textValue().equals("RUNNING")) {
            return false;
        }
        for (JsonNode vertex : job.get("vertices")) {
            if (vertex.at("/tasks/RUNNING").intValue()
                    != vertex.get("parallelism").intValue()) {
                return false;
            }
        }
        return true;
    }

    /** Returns why the job failed; empty while it runs and after it was stopped. */
    public Optional<String> failure() {
        if (!result.isDone()) {
            return Optional.empty();
        }
        try {
            JobResult ended = result.getNow(null);
            return ended.getSerializedThrowable()
                    .map(failure -> Messages.ofRootCause(
                            failure.deserializeError(getClass().getClassLoader())));
        } catch (RuntimeException e) {
            return Optional.of(Messages.ofRootCause(e));
        }
    }

    /** Whether the job has ended, successfully or not. */
    boolean hasEnded() {
        return result.isDone();
    }

    /**
     * Returns the event time of the whole job: the smallest watermark received by any subtask. Empty until every subtask has
     * received and reported one.
     */
    private Optional<Instant> watermark(List<Vertex> vertices) throws IOException {
        long smallest = Long.MAX_VALUE;
        for (Vertex vertex : vertices) {
            if (vertex.isSource()) {
                continue;
            }
            JsonNode watermarks = rest.get(path + "/vertices/" + vertex.id() + "/watermarks");
            if (watermarks.size() < vertex.parallelism()) {
                return Optional.empty();
            }
            for (JsonNode watermark : watermarks) {
                smallest =
                        Math.min(smallest, Long.parseLong(watermark.get("value").textValue()));
            }
        }
        // The extremes mean that there is no watermark yet, and that the input has ended.
        return smallest == Long.MIN_VALUE || smallest == Long.MAX_VALUE
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(smallest));
    }

    /**
     * State and metrics of the job at one moment.
     *
     * @param state Flink's name for the job's state
     * @param starting whether some subtasks are not yet running, or not again; metrics are then incomplete, or those of the
     *     previous attempt
     * @param watermark smallest watermark received by any subtask, read before the metrics; empty until every subtask has
     *     received one
     * @param metrics sums over all subtasks, by the last component of the metric's name; without metrics that no subtask
     *     reports
     * @param shardWatermarks watermarks of the shards being read, milliseconds since the epoch; {@link Long#MIN_VALUE} for none
     *     yet, {@link Long#MAX_VALUE} for a shard that was read to its end
     * @param partWatermarks watermarks of the producers by part, such as {@code 2/4}, if there are several: the smallest over
     *     the shards being read; {@link Long#MIN_VALUE} for a part that a shard has no watermark of, {@link Long#MAX_VALUE} for
     *     one that has ended
     */
    public record Reading(
            String state,
            boolean starting,
            Optional<Instant> watermark,
            Map<String, Long> metrics,
            Map<String, Long> shardWatermarks,
            Map<String, Long> partWatermarks) {

        /** An empty reading. */
        public static final Reading NONE = new Reading("", true, Optional.empty(), Map.of(), Map.of(), Map.of());
    }

    /** Reads state, watermarks and the named metrics with as few requests as possible. */
    public Reading read(Set<String> metricNames) throws IOException {
        JsonNode job = rest.get(path);
        List<Vertex> vertices = vertices(job);
        Optional<Instant> watermark = watermark(vertices);
        Map<String, Long> shardWatermarks = new TreeMap<>();
        Map<String, Long> partWatermarks = new TreeMap<>();
        Map<String, Long> sums = new HashMap<>();
        metrics(
                        vertices,
                        name -> metricNames.contains(name)
                                || SHARD_WATERMARK.matcher(name).matches()
                                || PART_WATERMARK.matcher(name).matches())
                .forEach((name, value) -> {
                    Matcher shard = SHARD_WATERMARK.matcher(name);
                    Matcher part = PART_WATERMARK.matcher(name);
                    if (shard.matches()) {
                        shardWatermarks.put(shard.group(1), value);
                    } else if (part.matches()) {
                        partWatermarks.put(part.group(1), value);
                    } else {
                        sums.put(name, value);
                    }
                });
        return new Reading(
                job.get("state").textValue(), isStarting(job), watermark, sums, shardWatermarks, partWatermarks);
    }

    private static boolean isStarting(JsonNode job) {
        if (job.get("state").textValue().equals("FINISHED")) {
            return false;
        }
        for (JsonNode vertex : job.get("vertices")) {
            int started = vertex.at("/tasks/RUNNING").intValue()
                    + vertex.at("/tasks/FINISHED").intValue();
            if (started != vertex.get("parallelism").intValue()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns the error (as opposed to an exception) that caused the job's latest failure; empty if the cause was not an error.
     */
    public Optional<String> error() throws IOException {
        JsonNode latest = rest.get(path + "/exceptions?maxExceptions=1").at("/exceptionHistory/entries/0/stacktrace");
        return THROWN.matcher(latest.asText(""))
                .results()
                .filter(thrown -> isError(thrown.group(1)))
                .map(MatchResult::group)
                .map(Messages::oneLine)
                .findFirst();
    }

    private static boolean isError(String className) {
        try {
            return Error.class.isAssignableFrom(Class.forName(className, false, FlinkJob.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            // a class from the job's own jar
            return className.endsWith("Error");
        }
    }

    /** Returns the number of failovers since the job was submitted. */
    public long restarts() throws IOException {
        for (JsonNode metric : rest.get(path + "/metrics?get=numRestarts")) {
            return metric.get("value").asLong();
        }
        return 0;
    }

    /** Returns the checkpoint statistics of the job. */
    public Checkpoints checkpoints() throws IOException {
        JsonNode checkpoints = rest.get(path + "/checkpoints");
        JsonNode last = checkpoints.at("/latest/completed/end_to_end_duration");
        return new Checkpoints(
                checkpoints.at("/counts/completed").longValue(),
                checkpoints.at("/counts/failed").longValue(),
                checkpoints.at("/summary/state_size/max").longValue(),
                last.isNumber() ? Optional.of(Duration.ofMillis(last.longValue())) : Optional.empty());
    }

    /**
     * Returns the metrics with the wanted short names: sums over all subtasks and operators, except for watermarks of parts,
     * where it is the minimum.
     */
    private Map<String, Long> metrics(List<Vertex> vertices, Predicate<String> filter) throws IOException {
        Map<String, Long> values = new HashMap<>();
        for (Vertex vertex : vertices) {
            String metrics = path + "/vertices/" + vertex.id() + "/subtasks/metrics";
            List<String> ids = new ArrayList<>();
            for (JsonNode metric : rest.get(metrics)) {
                String id = metric.get("id").textValue();
                if (filter.test(shortName(id))) {
                    ids.add(id);
                }
            }
            for (int from = 0; from < ids.size(); from += METRICS_PER_REQUEST) {
                String some = ids.subList(from, Math.min(ids.size(), from + METRICS_PER_REQUEST)).stream()
                        .map(id -> URLEncoder.encode(id, StandardCharsets.UTF_8))
                        .collect(Collectors.joining(","));
                for (JsonNode metric : rest.get(metrics + "?agg=sum,min&get=" + some)) {
                    String name = shortName(metric.get("id").textValue());
                    if (PART_WATERMARK.matcher(name).matches()) {
                        values.merge(name, metric.get("min").longValue(), Math::min);
                    } else {
                        values.merge(name, metric.get("sum").longValue(), Long::sum);
                    }
                }
            }
        }
        return values;
    }

    /** Returns the last component of a metric's name, the last two for per-shard metrics, the last three for per-part ones. */
    private static String shortName(String id) {
        int last = id.lastIndexOf('.');
        int part = id.lastIndexOf(PART_PREFIX);
        if (part >= 0) {
            return id.substring(part + 1);
        }
        int shard = id.lastIndexOf(SHARD_PREFIX);
        return shard >= 0 ? id.substring(shard + SHARD_PREFIX.length()) : id.substring(last + 1);
    }

    /**
     * Stops the job after it has closed all windows and emitted all results.
     *
     * @throws IOException if the job cannot be stopped now, for example because it is restarting; the call may be retried
     */
    public void stopWithDrain() throws IOException, InterruptedException {
        try {
            cluster.stopWithSavepoint(id, savepointFolder.toUri().toString(), true, SavepointFormatType.CANONICAL)
                    .get(DRAIN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            result.get(DRAIN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the job could not be drained: " + Messages.ofRootCause(e), e);
        } catch (TimeoutException e) {
            throw new IOException("the job was not drained within " + DRAIN_TIMEOUT.toMinutes() + " minutes", e);
        }
    }

    /**
     * Stops the job with a savepoint.
     *
     * @return path of the savepoint
     * @throws IOException if the job cannot be stopped now, for example because it is restarting; the call may be retried
     */
    public String stopWithSavepoint() throws IOException, InterruptedException {
        try {
            String savepoint = cluster.stopWithSavepoint(
                            id, savepointFolder.toUri().toString(), false, SavepointFormatType.CANONICAL)
                    .get(SAVEPOINT_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            result.get(SAVEPOINT_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            return savepoint;
        } catch (ExecutionException e) {
            throw new IOException("the job could not be stopped with a savepoint: " + Messages.ofRootCause(e), e);
        } catch (TimeoutException e) {
            throw new IOException(
                    "the job was not stopped with a savepoint within " + SAVEPOINT_TIMEOUT.toSeconds() + " s", e);
        }
    }

    private record Vertex(String id, int parallelism, boolean isSource) {}

    private static List<Vertex> vertices(JsonNode job) {
        List<Vertex> vertices = new ArrayList<>();
        for (JsonNode node : job.at("/plan/nodes")) {
            vertices.add(new Vertex(
                    node.get("id").textValue(),
                    node.get("parallelism").intValue(),
                    node.path("inputs").isEmpty()));
        }
        return vertices;
    }
}
