package io.taxistream.processor;

import io.taxistream.eventtime.source.ConsumerType;
import io.taxistream.eventtime.source.InitialPosition;
import io.taxistream.processor.trips.AnalysisOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Options of the job.
 *
 * @param region AWS region of the streams, such as {@code us-east-1}
 * @param streams names of the Kinesis streams; at least one
 * @param endpoint address of Kinesis; empty for the endpoint of the region
 * @param initialPosition start position in streams without a checkpoint
 * @param consumer how shards are read
 * @param access credentials, and time-outs of calls to Kinesis
 * @param searchEndpoint address of the search engine; if empty, task managers print the results
 * @param indexPrefix prefix of the index names
 * @param search options of the search sink
 * @param searchCalls time-outs and retries of requests to the search engine
 * @param checkpointInterval time between checkpoints
 * @param analysis options of the analysis
 * @param rejectedRecords destination of late trips and malformed records
 * @param maxReadAhead how far, in event time, a shard may be read ahead of the slowest shard
 * @param maxWatermarkAdvance how far a watermark may be beyond the newest event, if it is beyond the clock as well
 * @param stateBackend state backend; if empty, as configured in the cluster
 * @param checkpointFolder folder for checkpoints; if empty, as configured in the cluster
 */
record ProcessorOptions(
        String region,
        List<String> streams,
        Optional<URI> endpoint,
        InitialPosition initialPosition,
        ConsumerType consumer,
        StreamAccess access,
        Optional<URI> searchEndpoint,
        String indexPrefix,
        SearchOptions search,
        SearchCalls searchCalls,
        Duration checkpointInterval,
        AnalysisOptions analysis,
        RejectedRecords rejectedRecords,
        Duration maxReadAhead,
        Duration maxWatermarkAdvance,
        Optional<StateBackend> stateBackend,
        Optional<URI> checkpointFolder) {}
