package io.taxistream.eventtime.source;

/** Reads shards with {@code GetRecords}; all consumers of a stream that poll share two MiB a second of each shard. */
public record Polling() implements ConsumerType {}
