package io.taxistream.eventtime.source;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * Event from the enumerator to a reader: the registered consumer is active and the reader can use it to subscribe to its
 * shards.
 */
record ConsumerReady(String consumerArn) implements SourceEvent {}
