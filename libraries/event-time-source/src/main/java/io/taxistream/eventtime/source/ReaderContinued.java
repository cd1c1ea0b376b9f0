package io.taxistream.eventtime.source;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Event from a reader to the enumerator: the reader continues after a checkpoint, so it was not stopped with a savepoint.
 *
 * @param checkpointId last checkpoint that includes the reader
 */
record ReaderContinued(long checkpointId) implements SourceEvent {}
