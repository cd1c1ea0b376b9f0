package io.taxistream.embeddedkinesis;

/**
 * A record as its producer handed it to the Kinesis Producer Library or to the service.
 *
 * @param partitionKey as the producer gave it
 * @param data as the producer gave it
 */
// the array is the record's own copy and compared by nobody
@SuppressWarnings("ArrayRecordComponent")
public record UserRecord(String partitionKey, byte[] data) {}
