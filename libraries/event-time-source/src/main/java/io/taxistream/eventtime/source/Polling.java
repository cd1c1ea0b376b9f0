package io.taxistream.eventtime.source;

/** Reads shards with {@code GetRecords}. All polling consumers of a stream share two MiB per second and shard. */
public record Polling() implements ConsumerType {}
