package io.taxistream.local.page;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** The pipeline as the page sees it. Called by several threads. */
public interface PipelineView {

    /** What the parts are doing, how far they have come and how well they are. */
    JsonNode status();

    /**
     * The windows whose results have changed, as {@link ResultWindows#changedSince} answers them.
     *
     * @param version the version that the page has; 0 if it has none
     * @throws IOException if the search engine does not answer
     */
    JsonNode windows(long version) throws IOException;

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
