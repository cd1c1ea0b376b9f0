package io.taxistream.eventtime.source;

import org.jspecify.annotations.Nullable;

/**
 * Where a user record comes from. A view of what the reader is at, made without a copy: valid only until {@link
 * RecordDeserializer#deserialize} returns.
 */
public interface RecordContext {

    /** Name of the stream. */
    String stream();

    String shardId();

    /** Sequence number of the Kinesis record; the user records of an aggregate share it. */
    String sequenceNumber();

    /** Place of the user record in its Kinesis record, from 0. */
    int userRecord();

    /** Number of user records in the Kinesis record: 1 unless it is an aggregate. */
    int userRecords();

    /** Partition key of the user record, which inside an aggregate has its own. */
    String partitionKey();

    /** Explicit hash key, a decimal number. Only aggregates keep it, so that it is null for a record on its own. */
    @Nullable
    String explicitHashKey();

    /** When the Kinesis record arrived in the stream, milliseconds since the epoch. */
    long arrivalMillis();
}
