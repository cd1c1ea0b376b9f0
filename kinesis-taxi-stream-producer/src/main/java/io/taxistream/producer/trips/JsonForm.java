package io.taxistream.producer.trips;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.trips.TripLayout.Column;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a JSON file holds its records, told from its beginning. */
enum JsonForm {
    /** One object a line. */
    LINES,
    /** An array of objects, or objects over several lines each. */
    SEQUENCE;

    /**
     * Tells the form.
     *
     * @param head the beginning of the content, which starts with a brace or bracket
     * @param object the key of the object, for the message
     * @throws InputFailedException if the objects in it are not trips
     */
    static JsonForm of(byte[] head, String object) {
        String text = new String(head, StandardCharsets.UTF_8).stripLeading();
        String firstLine = text.lines().findFirst().orElse("").strip();
        if (firstLine.startsWith("[") || firstLine.equals("{")) {
            new Names(object).require(text);
            return SEQUENCE;
        }
        var names = new Names(object);
        // The last line may be cut.
        text.lines().limit(Names.MAX_OBJECTS).forEach(names::add);
        names.requireTrips();
        return LINES;
    }

    /** The names that the first objects of a file have. */
    private static final class Names {

        private static final int MAX_OBJECTS = 100;

        private final String object;
        private @Nullable Set<String> firstNames;
        private boolean trips;

        Names(String object) {
            this.object = object;
        }

        /** Looks at a text with objects one after the other, or in an array. */
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
                    throw unknownLayout("it is a JSON array of something else than objects");
                }
            } catch (IOException e) {
                // Cut, or not JSON: reported when it is read.
                if (firstNames == null) {
                    return;
                }
            }
            requireTrips();
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
                    throw new InputFailedException(object + " holds JSON with '" + name + "' for all records at once,"
                            + " which is not read; write one object for each record, as pandas does with"
                            + " orient=\"records\", lines=True");
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
