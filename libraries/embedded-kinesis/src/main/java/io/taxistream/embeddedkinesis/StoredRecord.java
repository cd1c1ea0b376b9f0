package io.taxistream.embeddedkinesis;

import java.time.Instant;
import java.util.List;

/**
 * A record of a shard.
 *
 * @param sequenceNumber ascending within the shard, unique in the stream
 * @param arrivalTime time at which the stream accepted the record
 * @param partitionKey as sent by the producer
 * @param data as sent by the producer
 */
// the record owns its copy of the array, and records are never compared
@SuppressWarnings("ArrayRecordComponent")
public record StoredRecord(String sequenceNumber, Instant arrivalTime, String partitionKey, byte[] data) {

    /** Returns the records that the Kinesis Producer Library aggregated in this one, or this record itself. */
    public List<UserRecord> userRecords() {
        return KplAggregation.decode(data).orElseGet(() -> List.of(new UserRecord(partitionKey, data)));
    }
}
