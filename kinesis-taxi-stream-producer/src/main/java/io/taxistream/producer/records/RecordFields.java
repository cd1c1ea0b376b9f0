package io.taxistream.producer.records;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a record that the replay uses. A name with dots denotes a field of nested objects: {@code meta.dt} is
 * the field {@code dt} of the object in {@code meta}, or a field with that whole name.
 *
 * @param time field of the event time
 * @param timeFormat format of that field, as accepted by {@link TimeFormat#of}
 * @param zone time zone of times without an offset; {@code null} if they are rejected
 * @param id field of the record id, or {@code null} to derive ids from object and position
 * @param key field of the partition key, or {@code null} to use the id
 * @param adapted formats of further time fields, which are shifted with the event time, by field name
 * @param adapting whether times are shifted
 */
public record RecordFields(
        String time,
        String timeFormat,
        @Nullable ZoneId zone,
        @Nullable String id,
        @Nullable String key,
        Map<String, String> adapted,
        boolean adapting) {

    /** Copies the map. */
    public RecordFields {
        adapted = Map.copyOf(adapted);
    }

    /**
     * Validates a format.
     *
     * @throws IllegalArgumentException if the format is invalid; the message says why
     */
    public static void checkFormat(String format) {
        TimeFormat.of(format, null);
    }

    /** Returns the names of all fields that the input must have. */
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
