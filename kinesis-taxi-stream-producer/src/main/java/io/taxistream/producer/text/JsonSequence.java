package io.taxistream.producer.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Iterates over the values of a JSON array, or over concatenated values on any number of lines. */
public final class JsonSequence {

    private final JsonParser parser;
    private boolean begun;
    private boolean array;
    private boolean ended;

    /**
     * @param parser a parser at the beginning of the content
     */
    public JsonSequence(JsonParser parser) {
        this.parser = parser;
    }

    /**
     * Advances to the first token of the next value; the previous value must have been consumed.
     *
     * @return {@code false} at the end
     * @throws IOException if the content is not JSON, or not a sequence
     */
    public boolean next() throws IOException {
        if (ended) {
            return false;
        }
        JsonToken token = parser.nextToken();
        if (!begun && token == JsonToken.START_ARRAY) {
            array = true;
            token = parser.nextToken();
        }
        begun = true;
        if (array && token == JsonToken.END_ARRAY) {
            array = false;
            token = parser.nextToken();
            if (token != null) {
                throw new IOException("there is data after the end of the JSON array");
            }
        }
        if (token == null && array) {
            throw new IOException("the end of the JSON array is missing");
        }
        ended = token == null;
        return !ended;
    }
}
