package io.taxistream.eventtime.source;

import org.apache.flink.api.connector.source.SourceEvent;

/** Tells a reader the registered consumer that it subscribes to its shards as. */
record ConsumerReady(String consumerArn) implements SourceEvent {}
