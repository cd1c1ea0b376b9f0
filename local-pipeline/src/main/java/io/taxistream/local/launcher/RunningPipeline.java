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
 * @param searchEngine process of the search engine; empty if the engine was running before
 * @param search client that bypasses any proxy of an extension
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
