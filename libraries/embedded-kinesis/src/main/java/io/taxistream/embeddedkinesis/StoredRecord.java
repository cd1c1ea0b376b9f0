package io.taxistream.embeddedkinesis;

import java.time.Instant;
import java.util.List;

/**
 * A record as it lies in a shard.
 *
 * @param sequenceNumber ascending within the shard, unique in the stream
 * @param arrivalTime when the stream took it
 * @param partitionKey as the producer gave it
 * @param data as the producer gave it
 */
// the array is the record's own copy and compared by nobody
@SuppressWarnings("ArrayRecordComponent")
public record StoredRecord(String sequenceNumber, Instant arrivalTime, String partitionKey, byte[] data) {

    /** The producer's records: those that the Kinesis Producer Library has aggregated in this one, or this one itself. */
    public List<UserRecord> userRecords() {
        return KplAggregation.decode(data).orElseGet(() -> List.of(new UserRecord(partitionKey, data)));
    }
}
