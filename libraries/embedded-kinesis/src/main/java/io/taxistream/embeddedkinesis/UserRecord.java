package io.taxistream.embeddedkinesis;

/**
 * A record as sent by its producer, to the Kinesis Producer Library or directly to the service.
 *
 * @param partitionKey as sent by the producer
 * @param data as sent by the producer
 */
// the record owns its copy of the array, and records are never compared
@SuppressWarnings("ArrayRecordComponent")
public record UserRecord(String partitionKey, byte[] data) {}
