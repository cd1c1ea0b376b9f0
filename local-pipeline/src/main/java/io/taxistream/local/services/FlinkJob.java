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

/** A job that was submitted to the local cluster: what it is doing, and how to stop it. */
public final class FlinkJob {

    private static final Duration SAVEPOINT_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(5);

    /** Flink's server takes addresses of no more than 4,096 characters. */
    private static final int METRICS_PER_REQUEST = 25;

    /** What the source puts in front of a shard's id in the names of its metrics. */
    private static final String SHARD_PREFIX = ".shardId.";

    private static final Pattern SHARD_WATERMARK = Pattern.compile("([^.]+)\\.watermark");

    /** What the source puts in front of a part in the names of its metrics. */
    private static final String PART_PREFIX = ".part.";

    private static final Pattern PART_WATERMARK = Pattern.compile("part\\.(\\d+/\\d+)\\.watermark");

    /** The first line of a stack trace, or one that begins with a cause. */
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

    /** The page of the job on Flink's web page. */
    public URI webPage() {
        return rest.address().resolve("/#/job/running/" + id + "/overview");
    }

    /** Flink's name for what the job is doing, such as RUNNING or RESTARTING. */
    String state() throws IOException {
        return rest.get(path).get("state").textValue();
    }

    /** Whether all subtasks of the job run. */
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

    /** Why the job ended by itself; empty while it runs and after it was stopped. */
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

    /** Whether the job has come to its end, one way or another. */
    boolean hasEnded() {
        return result.isDone();
    }

    /**
     * How far event time has come in the whole job: the smallest watermark that any subtask has received. Empty while
     * one of them has received none, or has not reported yet.
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
        // The extremes stand for no watermark yet, and for the end of the input.
        return smallest == Long.MIN_VALUE || smallest == Long.MAX_VALUE
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(smallest));
    }

    /**
     * What the job tells of itself at one moment.
     *
     * @param state Flink's name for what it is doing
     * @param watermark smallest watermark that any subtask has received, read before the metrics; empty while one of them
     *     has received none
     * @param metrics sums over all subtasks by the last part of the metric's name; what nobody reports is not there
     * @param shardWatermarks of the shards that the source reads, milliseconds since the epoch; {@link Long#MIN_VALUE}
     *     for none yet, {@link Long#MAX_VALUE} for a shard that was read to its end
     * @param partWatermarks of the producers by part, such as {@code 2/4}, where there are several: the smallest in any
     *     shard that is read; {@link Long#MIN_VALUE} for a part that a shard has not heard, {@link Long#MAX_VALUE} for one
     *     that has ended
     */
    public record Reading(
            String state,
            Optional<Instant> watermark,
            Map<String, Long> metrics,
            Map<String, Long> shardWatermarks,
            Map<String, Long> partWatermarks) {

        /** Before anything was read. */
        public static final Reading NONE = new Reading("", Optional.empty(), Map.of(), Map.of(), Map.of());
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
        return new Reading(job.get("state").textValue(), watermark, sums, shardWatermarks, partWatermarks);
    }

    /** The error, as opposed to an exception, that the job's latest failure comes from; empty if it has another cause. */
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
            // a class of the job's own jar
            return className.endsWith("Error");
        }
    }

    /** How often the job has failed over since it was submitted. */
    public long restarts() throws IOException {
        for (JsonNode metric : rest.get(path + "/metrics?get=numRestarts")) {
            return metric.get("value").asLong();
        }
        return 0;
    }

    /** Reads how many checkpoints there were, how great they were, and how long the last one took. */
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
     * The metrics whose short names are asked for: sums over all subtasks and operators, but of a part the smallest
     * watermark.
     */
    private Map<String, Long> metrics(List<Vertex> vertices, Predicate<String> wanted) throws IOException {
        Map<String, Long> values = new HashMap<>();
        for (Vertex vertex : vertices) {
            String metrics = path + "/vertices/" + vertex.id() + "/subtasks/metrics";
            List<String> ids = new ArrayList<>();
            for (JsonNode metric : rest.get(metrics)) {
                String id = metric.get("id").textValue();
                if (wanted.test(shortName(id))) {
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

    /** The last word of a metric's name, the last two of one that each shard has, the last three of one of a part. */
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
     * Stops the job after it has closed every window and has handed over every result.
     *
     * @throws IOException if the job does not end that way, for example because it is restarting; it may be tried again
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
     * Stops the job where it is, with a savepoint.
     *
     * @return where the savepoint is
     * @throws IOException if the job does not end that way, for example because it is restarting; it may be tried again
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
