package io.taxistream.processor.kinesis;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * From the enumerator to a reader: the watermark that every shard of the stream has reached, beyond which no reader may
 * go.
 *
 * @param watermarkMillis milliseconds since the epoch
 */
record WatermarkLimit(long watermarkMillis) implements SourceEvent {}
