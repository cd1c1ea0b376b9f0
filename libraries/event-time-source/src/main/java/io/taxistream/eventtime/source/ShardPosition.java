package io.taxistream.eventtime.source;

import java.time.Instant;

/** How far a shard has been read: where the next read has to begin. */
sealed interface ShardPosition {

    /** With the oldest record that the shard still holds. */
    record TrimHorizon() implements ShardPosition {}

    /** With the first record that arrived at or after the time. */
    record AtTimestamp(Instant timestamp) implements ShardPosition {}

    /** With the record behind the one of this sequence number. */
    record AfterRecord(String sequenceNumber) implements ShardPosition {}

    /**
     * With the user record behind the first {@code userRecordsRead} ones of the aggregated record of this sequence
     * number.
     */
    record InsideRecord(String sequenceNumber, int userRecordsRead) implements ShardPosition {}
}
