package io.taxistream.producer.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Distinguishes JSON lines, with one object per line, from other arrangements of objects. */
public final class JsonLines {

    private JsonLines() {}

    /**
     * Returns whether a text has one object per line, as opposed to an array, objects that span lines, or several
     * objects on a line.
     *
     * @param text beginning of a file, which starts with a brace or bracket
     */
    public static boolean isLines(String text, JsonFactory json) {
        String firstLine = text.lines().findFirst().orElse("").strip();
        if (firstLine.startsWith("[") || firstLine.equals("{")) {
            return false;
        }
        try (JsonParser parser = json.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return true;
            }
            parser.skipChildren();
            if (parser.currentLocation().getLineNr() > 1) {
                return false;
            }
            return parser.nextToken() != JsonToken.START_OBJECT
                    || parser.currentTokenLocation().getLineNr() > 1;
        } catch (IOException e) {
            // In JSON lines, an object that cannot be parsed invalidates only its own line.
            return true;
        }
    }
}
