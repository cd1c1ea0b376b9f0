package io.taxistream.producer.trips;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.trips.TripLayout.Column;
import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Reads JSON objects into the fields of a trip. Names are those of the stream's records or of any column of a TLC file,
 * regardless of case. Unknown names are ignored, and {@code null} counts as absent.
 */
final class JsonRecords {

    /** Accepts NaN, as written by Python. */
    static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private static final String TYPE = "type";
    private static final String TRIP = "trip";

    /** Files have about twenty names; more suggest that names are used as data. */
    private static final int MAX_NAMES = 1_000;

    private final TripFields fields;
    private final Map<String, Column> columns = new HashMap<>();
    private final EnumSet<Column> given = EnumSet.noneOf(Column.class);
    private final Map<Column, String> names = new EnumMap<>(Column.class);

    JsonRecords(TripFields fields) {
        this.fields = fields;
        fields.setNames(column -> names.getOrDefault(column, column.name().toLowerCase(Locale.ROOT)));
    }

    /** Reads to the end of the object that the parser has just entered. */
    void read(JsonParser parser) throws IOException {
        given.clear();
        String name;
        while ((name = parser.nextFieldName()) != null) {
            JsonToken token = parser.nextToken();
            Column column = columnNamed(name);
            if (column == Column.OTHER) {
                if (name.equals(TYPE) && token.isScalarValue() && !TRIP.equals(parser.getText())) {
                    fields.reject(RejectReason.NOT_A_TRIP, "type is " + parser.getText() + "; it must be trip");
                }
                parser.skipChildren();
            } else if (token == JsonToken.VALUE_STRING || token.isNumeric()) {
                names.put(column, name);
                if (!given.add(column)) {
                    fields.reject(RejectReason.INVALID_VALUE, "there is more than one value for " + name);
                }
                fields.set(column, parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
            } else if (token != JsonToken.VALUE_NULL) {
                String shown = token.isStructStart() ? "not a plain value" : "'" + parser.getText() + "'";
                fields.reject(
                        RejectReason.INVALID_VALUE, name + " is " + shown + "; it must be text, a number or null");
                parser.skipChildren();
            }
        }
    }

    private Column columnNamed(String name) {
        Column column = columns.get(name);
        if (column == null) {
            column = Column.named(name);
            if (columns.size() < MAX_NAMES) {
                columns.put(name, column);
            }
        }
        return column;
    }

    /** Returns the first line of a message from Jackson; the rest describes the location in the source. */
    static String message(IOException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        return message.lines().findFirst().orElse("");
    }
}
