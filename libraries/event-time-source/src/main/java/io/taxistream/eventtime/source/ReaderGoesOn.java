package io.taxistream.eventtime.source;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * From a reader to the enumerator: it reads on after a checkpoint, and so was not stopped with it.
 *
 * @param checkpointId the last checkpoint that the reader is part of
 */
record ReaderGoesOn(long checkpointId) implements SourceEvent {}
