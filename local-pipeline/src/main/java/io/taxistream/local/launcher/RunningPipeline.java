package io.taxistream.local.launcher;

import io.taxistream.local.services.FlinkService;
import io.taxistream.local.services.Producers;
import io.taxistream.local.services.RestorableJob;
import io.taxistream.local.services.SearchClient;
import io.taxistream.local.services.SearchService;
import io.taxistream.local.services.StreamService;
import java.time.Instant;
import java.util.Optional;

/**
 * The parts of a pipeline whose replay has started.
 *
 * @param searchEngine the search engine's process; empty if it was running before
 * @param search reads the search engine, past whatever an extension has put in front of it
 * @param replayStart wall-clock time
 */
public record RunningPipeline(
        StreamService stream,
        FlinkService flink,
        RestorableJob job,
        Producers producers,
        Optional<SearchService> searchEngine,
        SearchClient search,
        Instant replayStart) {}
