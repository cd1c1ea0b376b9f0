package io.taxistream.producer.records;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.text.JsonLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Inspects the beginning of a JSON file: the arrangement of its objects, and whether they have the required fields. */
final class JsonHead {

    private static final int MAX_OBJECTS = 100;

    private final List<String> missing;
    private final JsonFields values;
    private int objects;

    private JsonHead(List<String> names) {
        this.missing = new ArrayList<>(names);
        this.values = new JsonFields(names);
    }

    /**
     * Returns whether a file has one object per line, as opposed to other arrangements.
     *
     * @param head beginning of the content, which starts with a brace or bracket
     * @param object key of the object, for the message
     * @throws InputFailedException if a required field is in none of the first objects
     */
    static boolean isJsonLines(byte[] head, List<String> names, String object) {
        String text = new String(head, StandardCharsets.UTF_8).stripLeading();
        boolean lines = JsonLines.isLines(text, JsonFields.JSON);
        var seen = new JsonHead(names);
        if (lines) {
            // The last line may be incomplete.
            text.lines().limit(MAX_OBJECTS).forEach(seen::read);
        } else {
            seen.read(text);
        }
        if (seen.objects > 0 && !seen.missing.isEmpty()) {
            throw FieldNames.missing(
                    seen.missing.get(0),
                    "none of its first objects has it; the fields of the first are '" + namesOfFirst(text) + "'",
                    object);
        }
        return lines;
    }

    private static String namesOfFirst(String text) {
        List<String> names = new ArrayList<>();
        try (JsonParser parser = JsonFields.JSON.createParser(text)) {
            if (parser.nextToken() == JsonToken.START_ARRAY) {
                parser.nextToken();
            }
            String name;
            while ((name = parser.nextFieldName()) != null) {
                names.add(name);
                parser.nextToken();
                parser.skipChildren();
            }
        } catch (IOException e) {
            // Incomplete: the remaining names are unknown.
            return String.join(",", names) + ",...";
        }
        return String.join(",", names);
    }

    private void read(String text) {
        try (JsonParser parser = JsonFields.JSON.createParser(text)) {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.START_ARRAY) {
                token = parser.nextToken();
            }
            while (objects < MAX_OBJECTS && token == JsonToken.START_OBJECT) {
                values.read(parser, false);
                objects++;
                missing.removeIf(name -> !values.isMissing(values.index(name)));
                token = parser.nextToken();
            }
        } catch (IOException e) {
            // Incomplete, or not JSON: reported when it is read.
            return;
        }
    }
}
