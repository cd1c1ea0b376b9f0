package io.taxistream.producer.records;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;

/**
 * Finds the values of a few fields in JSON objects, whatever else is there. A name with dots is that of a field in nested
 * objects, or that of a field whose own name has dots. Reused for one object after the other.
 */
final class JsonFields {

    /** Reads JSON as the standard defines it, and nothing else. */
    static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    /** What a field has. */
    private enum Kind {
        /** Nothing, or null. */
        NOTHING,
        /** A text or a number. */
        VALUE,
        /** Something else, which is not a value of use. */
        OTHER
    }

    private final List<String> names;
    private final boolean nested;
    private final Kind[] kinds;
    private final char[][] texts;
    private final int[] lengths;
    private final int[] starts;
    private int repeated;

    JsonFields(List<String> names) {
        this.names = List.copyOf(names);
        this.nested = names.stream().anyMatch(name -> name.indexOf('.') > 0);
        this.kinds = new Kind[names.size()];
        this.texts = new char[names.size()][32];
        this.lengths = new int[names.size()];
        this.starts = new int[names.size()];
    }

    /**
     * Reads the object that the parser has just entered, up to its end.
     *
     * @param withPlaces whether to note where the values are
     */
    void read(JsonParser parser, boolean withPlaces) throws IOException {
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = Kind.NOTHING;
        }
        repeated = -1;
        readObject(parser, "", withPlaces);
    }

    /** Where a field is among the names. */
    int index(String name) {
        return names.indexOf(name);
    }

    /** A field that the object has more than once; -1 if there is none. */
    int repeated() {
        return repeated;
    }

    /** Whether a field is not there, or null. */
    boolean isMissing(int field) {
        return kinds[field] == Kind.NOTHING;
    }

    /** Whether a field has a text or a number. */
    boolean isGiven(int field) {
        return kinds[field] == Kind.VALUE;
    }

    /** The text of a field that is given. */
    char[] chars(int field) {
        return texts[field];
    }

    /** How many of {@link #chars} are the text. */
    int length(int field) {
        return lengths[field];
    }

    String text(int field) {
        return new String(texts[field], 0, lengths[field]);
    }

    /** Where the value of a field begins in the bytes that were read. */
    int start(int field) {
        return starts[field];
    }

    /** Where the value of a field ends. */
    int end(int field, byte[] bytes) {
        int at = starts[field];
        if (bytes[at] != '"') {
            return at + lengths[field];
        }
        at++;
        while (bytes[at] != '"') {
            at += bytes[at] == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    private void readObject(JsonParser parser, String prefix, boolean withPlaces) throws IOException {
        String name;
        while ((name = parser.nextFieldName()) != null) {
            String path = prefix.isEmpty() ? name : prefix + name;
            JsonToken token = parser.nextToken();
            int field = names.indexOf(path);
            if (field >= 0) {
                take(field, token, parser, withPlaces);
            }
            if (nested && token == JsonToken.START_OBJECT && isPrefix(path)) {
                readObject(parser, path + ".", withPlaces);
            } else {
                parser.skipChildren();
            }
        }
    }

    private boolean isPrefix(String path) {
        for (String name : names) {
            if (name.length() > path.length() && name.charAt(path.length()) == '.' && name.startsWith(path)) {
                return true;
            }
        }
        return false;
    }

    private void take(int field, JsonToken token, JsonParser parser, boolean withPlaces) throws IOException {
        if (kinds[field] != Kind.NOTHING) {
            repeated = field;
        }
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        if (token != JsonToken.VALUE_STRING && !token.isNumeric()) {
            kinds[field] = Kind.OTHER;
            return;
        }
        if (withPlaces) {
            starts[field] = (int) parser.currentTokenLocation().getByteOffset();
        }
        kinds[field] = Kind.VALUE;
        int length = parser.getTextLength();
        if (length > texts[field].length) {
            texts[field] = new char[length];
        }
        System.arraycopy(parser.getTextCharacters(), parser.getTextOffset(), texts[field], 0, length);
        lengths[field] = length;
    }
}
