package io.taxistream.processor;

import io.taxistream.eventtime.source.InitialPosition;
import io.taxistream.processor.trips.AnalysisOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the job is told on its command line.
 *
 * @param region AWS region of the streams and of the search domain, such as {@code us-east-1}
 * @param streams names of the Kinesis streams; at least one
 * @param endpoint where Kinesis is reached instead of the region's own endpoint
 * @param initialPosition where to begin in a stream that no checkpoint knows
 * @param searchEndpoint where documents go; without it results are printed by the task managers
 * @param indexPrefix what the names of the indices begin with
 * @param search how documents get there
 * @param checkpointInterval how often state is made durable
 * @param analysis what is counted and how
 * @param rejectedRecords where late trips and malformed records go
 * @param maxReadAhead how far, in event time, a shard is read ahead of the slowest
 * @param maxWatermarkAdvance how far a watermark may be beyond the newest event, if it is beyond the clock as well
 * @param stateBackend where state is kept while the job runs; without it as the cluster is configured
 * @param checkpointFolder where checkpoints go; without it as the cluster is configured
 */
record ProcessorOptions(
        String region,
        List<String> streams,
        Optional<URI> endpoint,
        InitialPosition initialPosition,
        Optional<URI> searchEndpoint,
        String indexPrefix,
        SearchOptions search,
        Duration checkpointInterval,
        AnalysisOptions analysis,
        RejectedRecords rejectedRecords,
        Duration maxReadAhead,
        Duration maxWatermarkAdvance,
        Optional<StateBackend> stateBackend,
        Optional<URI> checkpointFolder) {}
