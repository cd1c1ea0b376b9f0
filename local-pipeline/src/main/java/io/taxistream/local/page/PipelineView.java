package io.taxistream.local.page;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Optional;

/** The pipeline as the page sees it. Called by several threads. */
public interface PipelineView {

    /** What the parts are doing, how far they have come and how well they are. */
    JsonNode status();

    /**
     * The steps of the timeline that have changed, as {@link Timeline#changedSince} returns them.
     *
     * @param version the version that the page has; 0 if it has none
     * @param range empty for all of the results
     * @throws IOException if the search engine does not answer
     */
    JsonNode timeline(long version, Optional<TimeRange> range) throws IOException;

    /**
     * The map: {@code cells} (numbers by geohash) and {@code durations} of the last window (trips, and their minutes
     * together, by airport and cell).
     *
     * @param timestamp of the last window
     * @param windows how many are added up, 0 for all until then
     * @throws IOException if the search engine does not answer
     */
    JsonNode map(long timestamp, int windows) throws IOException;

    /**
     * Carries out what a button asks for.
     *
     * @param shards how many are asked for; only for {@link ScalingAction#SET_SHARD_COUNT}
     * @return one line that says what was done
     * @throws IllegalArgumentException if it cannot be done, with one line for a person that says why
     * @throws IOException if a service fails to do it
     */
    String scale(ScalingAction action, int shards) throws IOException, InterruptedException;
}
