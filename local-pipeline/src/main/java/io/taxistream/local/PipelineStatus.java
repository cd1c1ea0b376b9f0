package io.taxistream.local;

import static io.taxistream.local.JsonHttp.JSON;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** What the parts of the pipeline are doing, where they are reached and how far they have come, as one JSON object. */
final class PipelineStatus {

    /** A service or process of the pipeline. */
    enum Part {
        DATA("data"),
        KINESIS("kinesis"),
        S3("s3"),
        SEARCH("search"),
        FLINK("flink"),
        JOB("job"),
        PRODUCER("producer");

        private final String key;

        Part(String key) {
            this.key = key;
        }
    }

    /** Where a part is in its life. */
    enum State {
        WAITING,
        STARTING,
        RUNNING,
        FINISHED,
        FAILED
    }

    private final Map<Part, State> states = new LinkedHashMap<>();
    private final Map<Part, URI> addresses = new LinkedHashMap<>();
    private Figures figures = Figures.NONE;

    PipelineStatus() {
        for (Part part : Part.values()) {
            states.put(part, State.WAITING);
        }
    }

    synchronized void set(Part part, State state) {
        states.put(part, state);
    }

    /** Notes that a part runs, and where a browser or client reaches it. */
    synchronized void running(Part part, URI address) {
        states.put(part, State.RUNNING);
        addresses.put(part, address);
    }

    synchronized void set(Figures newFigures) {
        figures = newFigures;
    }

    /**
     * The status as it stands: {@code parts} (state and address of each), {@code job_state}, {@code trips_sent}, {@code
     * replay_lag_seconds} (wall-clock time), {@code trips_read}, {@code left_out} (by reason), {@code event_time} (ISO-8601, UTC), {@code pickup_count_documents},
     * {@code trip_duration_documents}. What is not known yet is {@code null}.
     */
    synchronized ObjectNode toJson() {
        ObjectNode json = JSON.createObjectNode();
        ObjectNode parts = json.putObject("parts");
        states.forEach((part, state) -> {
            URI address = addresses.get(part);
            parts.putObject(part.key)
                    .put("state", state.name().toLowerCase(Locale.ROOT))
                    .put("address", address == null ? null : address.toString());
        });
        json.put("job_state", figures.jobState());
        json.put("trips_sent", boxed(figures.producer().sent()));
        double lag = figures.producer().lagSeconds();
        json.put("replay_lag_seconds", lag < 0 ? null : lag);
        json.put("trips_read", boxed(figures.tripsRead()));
        ObjectNode leftOut = json.putObject("left_out");
        figures.leftOut().forEach(leftOut::put);
        json.put("event_time", figures.eventTime().map(Object::toString).orElse(null));
        json.put("pickup_count_documents", figures.pickupCounts());
        json.put("trip_duration_documents", figures.tripDurations());
        return json;
    }

    private static Long boxed(OptionalLong value) {
        return value.isPresent() ? value.getAsLong() : null;
    }
}
