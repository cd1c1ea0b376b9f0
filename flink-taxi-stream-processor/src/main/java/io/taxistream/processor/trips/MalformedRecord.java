package io.taxistream.processor.trips;

/**
 * A record of the stream that is not a valid event.
 *
 * @param reason kind of fault, such as {@code NOT_JSON}
 * @param message description of the fault in this record
 * @param data the record as received
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record MalformedRecord(String reason, String message, byte[] data) {}
