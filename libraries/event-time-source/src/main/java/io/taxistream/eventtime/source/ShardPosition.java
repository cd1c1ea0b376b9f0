package io.taxistream.eventtime.source;

import java.time.Instant;

/** Read position in a shard: the start of the next read. */
sealed interface ShardPosition {

    /** At the oldest record in the shard. */
    record TrimHorizon() implements ShardPosition {}

    /** At the first record that arrived at or after the timestamp. */
    record AtTimestamp(Instant timestamp) implements ShardPosition {}

    /** After the record with this sequence number. */
    record AfterRecord(String sequenceNumber) implements ShardPosition {}

    /** Inside the aggregated record with this sequence number, after its first {@code userRecordsRead} user records. */
    record InsideRecord(String sequenceNumber, int userRecordsRead) implements ShardPosition {}
}
