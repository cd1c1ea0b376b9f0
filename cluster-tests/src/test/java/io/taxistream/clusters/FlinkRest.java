package io.taxistream.clusters;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;

/** Queries the REST endpoint of a job manager, as its web page does. */
final class FlinkRest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final String address;

    FlinkRest(URI address) {
        this.address = address.toString().replaceAll("/$", "");
    }

    /** Returns the number of slots of all task managers. */
    int slots() throws IOException, InterruptedException {
        return get("/overview").get("slots-total").intValue();
    }

    /** Returns Flink's name for the job's state, such as RUNNING or FINISHED. */
    String state(String jobId) throws IOException, InterruptedException {
        return get("/jobs/" + jobId).get("state").textValue();
    }

    /** Returns the number of restarts after a failure. */
    int restarts(String jobId) throws IOException, InterruptedException {
        return get("/jobs/" + jobId + "/metrics?get=numRestarts").at("/0/value").asInt();
    }

    /** Whether all subtasks of the job are running, and every operator has the job's parallelism. */
    boolean allTasksRun(String jobId, int parallelism) throws IOException, InterruptedException {
        JsonNode job = get("/jobs/" + jobId);
        for (JsonNode vertex : job.get("vertices")) {
            if (vertex.at("/tasks/RUNNING").intValue() != parallelism) {
                return false;
            }
        }
        return job.get("state").textValue().equals("RUNNING");
    }

    /** Returns the smallest watermark received by any subtask, {@link Instant#MIN} until every subtask has one. */
    Instant watermark(String jobId) throws IOException, InterruptedException {
        Instant smallest = Instant.MAX;
        for (JsonNode vertex : get("/jobs/" + jobId).get("vertices")) {
            if (vertex.get("name").textValue().startsWith("Source")) {
                continue;
            }
            JsonNode watermarks =
                    get("/jobs/" + jobId + "/vertices/" + vertex.get("id").textValue() + "/watermarks");
            if (watermarks.size() < vertex.get("parallelism").intValue()) {
                return Instant.MIN;
            }
            for (JsonNode watermark : watermarks) {
                Instant received = Instant.ofEpochMilli(
                        Long.parseLong(watermark.get("value").textValue()));
                smallest = received.isBefore(smallest) ? received : smallest;
            }
        }
        return smallest;
    }

    /** Returns the body of a response; an error response is thrown as an exception. */
    JsonNode get(String path) throws IOException, InterruptedException {
        var response = CLIENT.send(
                HttpRequest.newBuilder(URI.create(address + path))
                        .timeout(Duration.ofSeconds(20))
                        .build(),
                BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(address + path + " answered " + response.statusCode() + ": " + response.body());
        }
        return JSON.readTree(response.body());
    }
}
