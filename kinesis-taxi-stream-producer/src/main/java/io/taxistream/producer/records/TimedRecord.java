package io.taxistream.producer.records;

import org.jspecify.annotations.Nullable;

/**
 * A record of any layout that has a time.
 *
 * @param bytes a JSON object on one line, with a newline at its end
 * @param timeMillis milliseconds since the epoch
 * @param position id derived from the object and the position of the record
 * @param id id in the record, or {@code null}
 * @param key partition key in the record, or {@code null} to use the id
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TimedRecord(
        byte[] bytes,
        long timeMillis,
        long position,
        @Nullable String id,
        @Nullable String key) {}
