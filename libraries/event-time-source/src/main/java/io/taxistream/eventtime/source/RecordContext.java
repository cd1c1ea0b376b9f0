package io.taxistream.eventtime.source;

import org.jspecify.annotations.Nullable;

/**
 * Origin of a user record. This is a view of the reader's state, valid only until {@link RecordDeserializer#deserialize}
 * returns.
 */
public interface RecordContext {

    /** Returns the name of the stream. */
    String stream();

    String shardId();

    /** Returns the sequence number of the Kinesis record, shared by the user records of an aggregate. */
    String sequenceNumber();

    /** Returns the index of the user record in its Kinesis record, starting at 0. */
    int userRecord();

    /** Returns the number of user records in the Kinesis record: 1 unless it is an aggregate. */
    int userRecords();

    /** Returns the partition key of the user record; each user record of an aggregate has its own. */
    String partitionKey();

    /**
     * Returns the explicit hash key, a decimal number; null for records that are not aggregated, because Kinesis does not store
     * it.
     */
    @Nullable
    String explicitHashKey();

    /** Returns the arrival time of the Kinesis record in milliseconds since the epoch. */
    long arrivalMillis();
}
