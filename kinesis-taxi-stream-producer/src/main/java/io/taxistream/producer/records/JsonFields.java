package io.taxistream.producer.records;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;

/**
 * Extracts a few fields from JSON objects and ignores the rest. A name with dots denotes a field of nested objects, or
 * a field whose own name contains the dots. Reused for all objects of a file.
 */
final class JsonFields {

    /** Parses strictly standard JSON. */
    static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    /** Kind of value of a field. */
    private enum Kind {
        /** Absent or null. */
        NOTHING,
        /** Text or a number. */
        VALUE,
        /** Anything else, which cannot be used. */
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
     * Reads to the end of the object that the parser has just entered.
     *
     * @param withPlaces whether to record the positions of the values
     */
    void read(JsonParser parser, boolean withPlaces) throws IOException {
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = Kind.NOTHING;
        }
        repeated = -1;
        readObject(parser, "", withPlaces);
    }

    /** Returns the index of a field name. */
    int index(String name) {
        return names.indexOf(name);
    }

    /** Returns the index of a field that occurs more than once in the object, or -1. */
    int repeated() {
        return repeated;
    }

    /** Returns whether a field is absent or null. */
    boolean isMissing(int field) {
        return kinds[field] == Kind.NOTHING;
    }

    /** Returns whether a field is text or a number. */
    boolean isGiven(int field) {
        return kinds[field] == Kind.VALUE;
    }

    /** Returns a buffer that begins with the text of a field for which {@link #isGiven} holds. */
    char[] chars(int field) {
        return texts[field];
    }

    /** Returns the length of the text in {@link #chars}. */
    int length(int field) {
        return lengths[field];
    }

    String text(int field) {
        return new String(texts[field], 0, lengths[field]);
    }

    /** Returns the position of the first byte of a field's value in the input. */
    int start(int field) {
        return starts[field];
    }

    /** Returns the end of a field's value in the input, exclusive. */
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
