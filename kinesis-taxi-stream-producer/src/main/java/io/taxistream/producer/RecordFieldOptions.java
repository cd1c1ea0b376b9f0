package io.taxistream.producer;

import io.taxistream.commandline.UsageException;
import io.taxistream.producer.records.RecordFields;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Converts the options that name the fields of a record. */
final class RecordFieldOptions {

    /** ISO-8601 times. */
    static final String DEFAULT_FORMAT = "iso";

    private RecordFieldOptions() {}

    /**
     * @param zone time zone of times without an offset, or {@code null}
     * @throws UsageException if a name is empty or a format is invalid
     */
    static RecordFields fields(
            String timeField,
            @Nullable String timeFormat,
            @Nullable ZoneId zone,
            @Nullable String idField,
            @Nullable String keyField,
            @Nullable String adaptFields,
            boolean adapting) {
        String format = timeFormat == null ? DEFAULT_FORMAT : timeFormat;
        Map<String, String> adapted = adapted(adaptFields, format);
        checkFormat("-timeFormat", format);
        adapted.forEach((name, each) -> {
            name("-adaptFields", name);
            checkFormat("-adaptFields", each);
        });
        if (adaptFields != null && !adapting) {
            throw new UsageException("-adaptFields requires -adaptTime invocation or ingestion");
        }
        return new RecordFields(timeField, format, zone, idField, keyField, adapted, adapting);
    }

    private static Map<String, String> adapted(@Nullable String adaptFields, String format) {
        var adapted = new LinkedHashMap<String, String>();
        if (adaptFields != null) {
            for (String each : adaptFields.split(",", -1)) {
                int equals = each.indexOf('=');
                adapted.put(
                        equals < 0 ? each : each.substring(0, equals),
                        equals < 0 ? format : each.substring(equals + 1));
            }
        }
        return adapted;
    }

    private static void name(String option, String name) {
        if (name.isBlank()) {
            throw new UsageException(option + " is '" + name + "'; it must be the name of a field");
        }
    }

    private static void checkFormat(String option, String format) {
        try {
            RecordFields.checkFormat(format);
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    option + " is '" + format + "'; it must be iso, seconds, millis, micros, nanos or a"
                            + " java.time.format.DateTimeFormatter pattern with date and time: " + e.getMessage(),
                    e);
        }
    }
}
