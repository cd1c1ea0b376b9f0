package io.taxistream.embeddedkinesis;

import java.time.Instant;
import java.util.List;

/**
 * A record of a shard.
 *
 * @param sequenceNumber ascending within the shard, unique in the stream
 * @param arrivalTime when the stream accepted it
 * @param partitionKey as the producer gave it
 * @param data as the producer gave it
 */
// the array is the record's own copy and compared by nobody
@SuppressWarnings("ArrayRecordComponent")
public record StoredRecord(String sequenceNumber, Instant arrivalTime, String partitionKey, byte[] data) {

    /** Returns the records that the Kinesis Producer Library has aggregated in this one, or this one itself. */
    public List<UserRecord> userRecords() {
        return KplAggregation.decode(data).orElseGet(() -> List.of(new UserRecord(partitionKey, data)));
    }
}
