package io.taxistream.producer.records;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of a record say what. A name with dots is that of a field in nested objects: {@code meta.dt} is the field
 * {@code dt} of the object in {@code meta}, or a field of that whole name.
 *
 * @param time the field with the event time
 * @param timeFormat how times are written in it, as {@link TimeFormat#of} takes it
 * @param zone the time zone of times without an offset; {@code null} if there must not be any
 * @param id the field with the record's id, or {@code null} to make ids of object and position
 * @param key the field with the partition key, or {@code null} for the id
 * @param adapted other fields with times that are shifted with the event time, by name, with their formats
 * @param adapting whether times are shifted at all
 */
public record RecordFields(
        String time,
        String timeFormat,
        @Nullable ZoneId zone,
        @Nullable String id,
        @Nullable String key,
        Map<String, String> adapted,
        boolean adapting) {

    /** Keeps the names as they are. */
    public RecordFields {
        adapted = Map.copyOf(adapted);
    }

    /**
     * Checks a format.
     *
     * @throws IllegalArgumentException if it is not one; the message says why
     */
    public static void checkFormat(String format) {
        TimeFormat.of(format, null);
    }

    /** All fields that must be in the input. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        names.add(time);
        if (id != null) {
            names.add(id);
        }
        if (key != null) {
            names.add(key);
        }
        names.addAll(adapted.keySet());
        return names.stream().distinct().toList();
    }
}
