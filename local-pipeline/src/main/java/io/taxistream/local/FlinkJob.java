package io.taxistream.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;

/** A job that was submitted to the local cluster: what it is doing, and how to stop it. */
final class FlinkJob {

    private static final Duration SAVEPOINT_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(5);

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

    /** The page of the job on Flink's web page. */
    URI webPage() {
        return rest.address().resolve("/#/job/running/" + id + "/overview");
    }

    /** Flink's name for what the job is doing, such as RUNNING or RESTARTING. */
    String state() throws IOException {
        return rest.get(path).get("state").textValue();
    }

    /** Whether all subtasks of the job run. */
    boolean allTasksRun() throws IOException {
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
    Optional<String> failure() {
        if (!result.isDone()) {
            return Optional.empty();
        }
        try {
            JobResult ended = result.getNow(null);
            return ended.getSerializedThrowable()
                    .map(failure -> FlinkService.rootMessage(
                            failure.deserializeError(getClass().getClassLoader())));
        } catch (RuntimeException e) {
            return Optional.of(FlinkService.rootMessage(e));
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
    Optional<Instant> watermark() throws IOException {
        long smallest = Long.MAX_VALUE;
        for (Vertex vertex : vertices()) {
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
     * The checkpoints that the job has completed since it was submitted.
     *
     * @param completed how many
     * @param greatestStateBytes the state of the greatest of them, 0 without any
     */
    record Checkpoints(long completed, long greatestStateBytes) {}

    Checkpoints checkpoints() throws IOException {
        JsonNode checkpoints = rest.get(path + "/checkpoints");
        return new Checkpoints(
                checkpoints.at("/counts/completed").longValue(),
                checkpoints.at("/summary/state_size/max").longValue());
    }

    /**
     * The sum over all subtasks of a counter that one operator of the job has; empty if none reports it. Counters start
     * again at zero when the job restarts.
     *
     * @param name the last part of the metric's name
     */
    OptionalLong counter(String name) throws IOException {
        boolean found = false;
        long sum = 0;
        for (Vertex vertex : vertices()) {
            String metrics = path + "/vertices/" + vertex.id() + "/subtasks/metrics";
            List<String> ids = new ArrayList<>();
            for (JsonNode metric : rest.get(metrics)) {
                String metricId = metric.get("id").textValue();
                if (metricId.endsWith("." + name)) {
                    ids.add(URLEncoder.encode(metricId, StandardCharsets.UTF_8));
                }
            }
            if (ids.isEmpty()) {
                continue;
            }
            for (JsonNode metric : rest.get(metrics + "?agg=sum&get=" + String.join(",", ids))) {
                found = true;
                sum += metric.get("sum").longValue();
            }
        }
        return found ? OptionalLong.of(sum) : OptionalLong.empty();
    }

    /**
     * Stops the job after it has closed every window and has handed over every result.
     *
     * @throws IOException if the job does not end that way, for example because it is restarting; it may be tried again
     */
    void stopWithDrain() throws IOException, InterruptedException {
        try {
            cluster.stopWithSavepoint(id, savepointFolder.toUri().toString(), true, SavepointFormatType.CANONICAL)
                    .get(DRAIN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            result.get(DRAIN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the job could not be drained: " + FlinkService.rootMessage(e), e);
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
    String stopWithSavepoint() throws IOException, InterruptedException {
        try {
            String savepoint = cluster.stopWithSavepoint(
                            id, savepointFolder.toUri().toString(), false, SavepointFormatType.CANONICAL)
                    .get(SAVEPOINT_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            result.get(SAVEPOINT_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            return savepoint;
        } catch (ExecutionException e) {
            throw new IOException("the job could not be stopped with a savepoint: " + FlinkService.rootMessage(e), e);
        } catch (TimeoutException e) {
            throw new IOException(
                    "the job was not stopped with a savepoint within " + SAVEPOINT_TIMEOUT.toSeconds() + " s", e);
        }
    }

    private record Vertex(String id, int parallelism, boolean isSource) {}

    private List<Vertex> vertices() throws IOException {
        List<Vertex> vertices = new ArrayList<>();
        for (JsonNode node : rest.get(path).at("/plan/nodes")) {
            vertices.add(new Vertex(
                    node.get("id").textValue(),
                    node.get("parallelism").intValue(),
                    node.path("inputs").isEmpty()));
        }
        return vertices;
    }
}
