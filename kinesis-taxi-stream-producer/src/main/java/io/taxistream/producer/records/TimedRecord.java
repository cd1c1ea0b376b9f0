package io.taxistream.producer.records;

import org.jspecify.annotations.Nullable;

/**
 * A record of any layout that has a time.
 *
 * @param bytes a JSON object in one line, with the newline at its end
 * @param timeMillis milliseconds since the epoch
 * @param position the id that its object and its position there give it
 * @param id the id that it has itself, or {@code null}
 * @param key the partition key that it has itself, or {@code null} for its id
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TimedRecord(
        byte[] bytes,
        long timeMillis,
        long position,
        @Nullable String id,
        @Nullable String key) {}
