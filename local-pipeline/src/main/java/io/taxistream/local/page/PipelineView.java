package io.taxistream.local.page;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Optional;

/** The pipeline as seen by the page. Implementations must be thread-safe. */
public interface PipelineView {

    /** Returns the state, progress and health of the parts. */
    JsonNode status();

    /**
     * Returns the steps of the timeline that have changed, in the format of {@link Timeline#changedSince}.
     *
     * @param version version that the page has; 0 if it has none
     * @param range empty for all results
     * @throws IOException if the search engine does not answer
     */
    JsonNode timeline(long version, Optional<TimeRange> range) throws IOException;

    /**
     * Returns the map: {@code cells} (numbers by geohash) and {@code durations} of the last window (trips and their total
     * minutes, by airport and cell).
     *
     * @param timestamp timestamp of the last window
     * @param windows number of windows to add up, 0 for all of them
     * @throws IOException if the search engine does not answer
     */
    JsonNode map(long timestamp, int windows) throws IOException;

    /**
     * Carries out the action of a button.
     *
     * @param shards requested number of shards; only for {@link ScalingAction#SET_SHARD_COUNT}
     * @return one line that says what was done
     * @throws IllegalArgumentException if the action is not possible; the message is one line that says why
     * @throws IOException if a service fails to carry it out
     */
    String scale(ScalingAction action, int shards) throws IOException, InterruptedException;
}
