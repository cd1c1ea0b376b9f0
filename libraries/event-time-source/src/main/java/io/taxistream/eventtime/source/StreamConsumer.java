package io.taxistream.eventtime.source;

/**
 * A registered consumer of a stream.
 *
 * @param active whether it can subscribe to shards; if false, it is being registered or deregistered
 */
record StreamConsumer(String arn, boolean active) {}
