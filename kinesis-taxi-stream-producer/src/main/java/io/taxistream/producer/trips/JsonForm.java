package io.taxistream.producer.trips;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.taxistream.producer.archives.Contents;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.text.JsonLines;
import io.taxistream.producer.trips.TripLayout.Column;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Arrangement of the records in a JSON file, detected from its beginning. */
enum JsonForm {
    /** One object per line. */
    LINES,
    /** An array of objects, or any number of objects on any number of lines. */
    SEQUENCE;

    /**
     * Detects the form.
     *
     * @param head beginning of the content, which starts with a brace or bracket
     * @param object key of the object, for the message
     * @throws InputFailedException if the objects are not trips
     */
    static JsonForm of(byte[] head, String object) {
        String text = new String(head, StandardCharsets.UTF_8).stripLeading();
        var names = new Names(object);
        if (head.length >= Contents.HEAD_BYTES) {
            names.requireRecord(text);
        }
        if (!JsonLines.isLines(text, JsonRecords.JSON)) {
            names.require(text);
            return SEQUENCE;
        }
        // The last line may be incomplete.
        text.lines().limit(Names.MAX_OBJECTS).forEach(names::add);
        names.requireTrips();
        return LINES;
    }

    /** Field names of the first objects in a file. */
    private static final class Names {

        private static final int MAX_OBJECTS = 100;

        private final String object;
        private @Nullable Set<String> firstNames;
        private boolean trips;

        Names(String object) {
            this.object = object;
        }

        /** Collects names from concatenated objects or from an array of objects. */
        void require(String text) {
            try (JsonParser parser = JsonRecords.JSON.createParser(text)) {
                JsonToken token = parser.nextToken();
                if (token == JsonToken.START_ARRAY) {
                    token = parser.nextToken();
                }
                for (int i = 0; i < MAX_OBJECTS && !trips && token == JsonToken.START_OBJECT; i++) {
                    addObject(parser);
                    token = parser.nextToken();
                }
                if (firstNames == null && token != null && token != JsonToken.END_ARRAY) {
                    throw unknownLayout("it is a JSON array, but not of objects");
                }
            } catch (IOException e) {
                // Incomplete, or not JSON: reported when it is read.
                if (firstNames == null) {
                    return;
                }
            }
            requireTrips();
        }

        /** Rejects a file whose first object does not end in the text and holds values of all records. */
        void requireRecord(String text) {
            Set<String> names = new LinkedHashSet<>();
            boolean nested = false;
            try (JsonParser parser = JsonRecords.JSON.createParser(text)) {
                JsonToken token = parser.nextToken();
                token = token == JsonToken.START_ARRAY ? parser.nextToken() : token;
                String name;
                while (token == JsonToken.START_OBJECT && (name = parser.nextFieldName()) != null) {
                    names.add(name);
                    nested = parser.nextToken().isStructStart();
                    parser.skipChildren();
                }
            } catch (JsonProcessingException e) {
                // what exceeds a limit of the parser, such as its depth, has no location
                boolean atEnd = e.getLocation() != null && e.getLocation().getCharOffset() >= text.length() - 1;
                if (atEnd && nested && names.stream().map(Column::named).allMatch(column -> column == Column.OTHER)) {
                    throw unknownLayout("its first object is longer than " + text.length()
                            + " characters and begins with '" + String.join(",", names) + "'");
                }
            } catch (IOException e) {
                // Not JSON: reported when it is read.
                return;
            }
        }

        void add(String line) {
            if (trips) {
                return;
            }
            try (JsonParser parser = JsonRecords.JSON.createParser(line)) {
                if (parser.nextToken() == JsonToken.START_OBJECT) {
                    addObject(parser);
                }
            } catch (IOException e) {
                // Not JSON: reported when it is read.
                return;
            }
        }

        void requireTrips() {
            if (firstNames != null && !trips) {
                throw unknownLayout("the names in its first object are '" + String.join(",", firstNames) + "'");
            }
        }

        private void addObject(JsonParser parser) throws IOException {
            Set<String> names = new LinkedHashSet<>();
            String name;
            while ((name = parser.nextFieldName()) != null) {
                names.add(name);
                boolean nested = parser.nextToken().isStructStart();
                if (nested && Column.named(name) != Column.OTHER) {
                    throw new InputFailedException(object + " holds column-oriented JSON, with '" + name + "' of all"
                            + " records in one object, which is not supported; write one object per record, as pandas"
                            + " does with orient=\"records\", lines=True");
                }
                parser.skipChildren();
            }
            TripLayout.requireTaxis(names, object);
            trips |= TripLayout.isTrip(names.stream().map(Column::named).toList());
            if (firstNames == null) {
                firstNames = names;
            }
        }

        private InputFailedException unknownLayout(String seen) {
            return new InputFailedException(TripLayout.unknownLayout(seen, object));
        }
    }
}
