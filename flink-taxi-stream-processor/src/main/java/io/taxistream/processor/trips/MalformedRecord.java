package io.taxistream.processor.trips;

/**
 * A record of the stream that is no event.
 *
 * @param reason a word for the kind of fault, the same for all of its kind
 * @param message what is wrong with this one
 * @param data the record as it came
 */
@SuppressWarnings("ArrayRecordComponent") // bytes that are carried, never compared
public record MalformedRecord(String reason, String message, byte[] data) {}
