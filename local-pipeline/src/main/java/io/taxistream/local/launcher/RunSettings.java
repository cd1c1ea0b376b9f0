package io.taxistream.local.launcher;

import io.taxistream.local.services.Indices;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Settings of a run that have no command-line option.
 *
 * @param searchEngine address of a running search engine; empty to start one for this run
 * @param indices indices that the documents are written to
 * @param checkpointInterval checkpoint interval of the job
 */
public record RunSettings(Optional<URI> searchEngine, Indices indices, Duration checkpointInterval) {

    public static final RunSettings DEFAULT = new RunSettings(Optional.empty(), Indices.DEFAULT, Duration.ofSeconds(5));
}
