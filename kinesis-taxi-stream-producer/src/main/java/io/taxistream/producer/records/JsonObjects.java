package io.taxistream.producer.records;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.producer.input.RecordIds;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.reading.ReadContext;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Converts JSON objects to records that keep the bytes of the objects. Invalid records are rejected, and those outside
 * the time range are counted. Reused for all objects of a file.
 */
final class JsonObjects {

    /** The limit of Kinesis, less the longest partition key and the overhead of aggregation. */
    static final int MAX_RECORD_BYTES = 1_000_000;

    private static final int TIME = 0;
    private static final int NONE = -1;

    private final JsonFields values;
    private final List<String> names = new ArrayList<>();
    private final TimeFormat timeFormat;
    private final int id;
    private final int key;

    /** Formats of the fields after time, id and key, which are shifted with the time. */
    private final List<TimeFormat> adapted = new ArrayList<>();

    private final int firstAdapted;

    private final RecordIds ids;
    private final String object;
    private final ReadContext context;

    /**
     * @param object key of the object that holds the records
     */
    JsonObjects(RecordFields fields, String object, ReadContext context) {
        names.add(fields.time());
        this.timeFormat = TimeFormat.of(fields.timeFormat(), fields.zone());
        this.id = index(fields.id());
        this.key = index(fields.key());
        this.firstAdapted = names.size();
        if (fields.adapting()) {
            fields.adapted().forEach((name, format) -> {
                if (names.indexOf(name) < 0) {
                    names.add(name);
                    adapted.add(TimeFormat.of(format, fields.zone()));
                }
            });
        }
        this.values = new JsonFields(names);
        this.ids = new RecordIds(object);
        this.object = object;
        this.context = context;
    }

    /** Returns the index of a field among the names, adding it if necessary. */
    private int index(@Nullable String name) {
        if (name == null) {
            return NONE;
        }
        if (names.indexOf(name) < 0) {
            names.add(name);
        }
        return names.indexOf(name);
    }

    /**
     * Reads an object.
     *
     * @param line line in the file, or row number
     * @return the record, or {@code null} if it is invalid or not of interest
     */
    @Nullable
    TimedRecord read(byte[] bytes, int start, int length, long line) {
        try (JsonParser parser = JsonFields.JSON.createParser(bytes, start, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return reject(line, RejectReason.NOT_JSON, "not a JSON object");
            }
            values.read(parser, false);
            if (parser.nextToken() != null) {
                return reject(line, RejectReason.NOT_JSON, "more than one JSON object in a line");
            }
        } catch (IOException e) {
            return reject(line, RejectReason.NOT_JSON, "not JSON: " + message(e));
        }
        if (WatermarkRecord.isWatermark(bytes, start, length)) {
            return reject(
                    line, RejectReason.WATERMARK, "a watermark; produce the input without watermarks (-noWatermark)");
        }
        if (length >= MAX_RECORD_BYTES) {
            return reject(
                    line,
                    RejectReason.TOO_LONG,
                    "the record is longer than " + MAX_RECORD_BYTES + " bytes, the limit of Kinesis");
        }
        return record(bytes, start, length, line);
    }

    /** Rejects a record that is not an object. */
    @Nullable
    TimedRecord reject(long line, RejectReason reason, String message) {
        context.rejects().rejected(object, line, reason, message);
        return null;
    }

    /** Returns the first line of a message from Jackson; the rest describes the location in the source. */
    static String message(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private @Nullable TimedRecord record(byte[] bytes, int start, int length, long line) {
        for (int field = 0; field < names.size(); field++) {
            if (!isValid(field, line)) {
                return null;
            }
        }
        long millis;
        try {
            millis = timeFormat.millis(values.chars(TIME), 0, values.length(TIME));
        } catch (DateTimeException | ArithmeticException e) {
            return reject(line, RejectReason.INVALID_TIME, invalidTimeMessage(TIME, timeFormat));
        }
        if (!context.range().contains(millis)) {
            context.statistics().countSkipped();
            return null;
        }
        for (int field = firstAdapted; field < names.size(); field++) {
            TimeFormat format = adapted.get(field - firstAdapted);
            try {
                if (values.isGiven(field)) {
                    format.millis(values.chars(field), 0, values.length(field));
                }
            } catch (DateTimeException | ArithmeticException e) {
                return reject(line, RejectReason.INVALID_TIME, invalidTimeMessage(field, format));
            }
        }
        byte[] record = Arrays.copyOfRange(bytes, start, start + length + 1);
        record[length] = '\n';
        return new TimedRecord(
                record,
                millis,
                ids.id(line),
                id == NONE ? null : values.text(id),
                key == NONE ? null : values.text(key));
    }

    /** Returns whether a field is valid, and present if it is required; rejects the record otherwise. */
    private boolean isValid(int field, long line) {
        if (values.repeated() == field) {
            reject(line, RejectReason.INVALID_VALUE, "there is more than one value for " + names.get(field));
            return false;
        }
        boolean required = field < firstAdapted;
        if (values.isMissing(field) || (values.isGiven(field) && values.length(field) == 0)) {
            if (required) {
                reject(line, RejectReason.MISSING_FIELD, names.get(field) + " is missing or empty");
            }
            return !required;
        }
        if (!values.isGiven(field)) {
            reject(line, RejectReason.INVALID_VALUE, names.get(field) + " must be text or a number");
            return false;
        }
        return true;
    }

    private String invalidTimeMessage(int field, TimeFormat format) {
        String text = values.text(field);
        return names.get(field) + " is '" + text + "'; it must be " + format.accepted(text);
    }
}
