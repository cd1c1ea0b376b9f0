package io.taxistream.search;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Parses the responses of a search engine. */
final class BulkResponse {

    /** Fields needed by {@link #read}; a complete response is several times as long. */
    static final String FILTER_PATH = "errors,items.*._id,items.*.status,items.*.error.type,items.*.error.reason,"
            + "items.*.error.caused_by.reason";

    private static final int MAX_REASON_LENGTH = 500;
    private static final ObjectReader JSON =
            new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /**
     * Result for one document or for a whole request.
     *
     * @param status HTTP status; 0 if there was no response or it could not be parsed
     * @param errorType such as {@code mapper_parsing_exception}; empty if there is no error
     * @param reason one line; empty if there is no error
     */
    record Item(int status, String errorType, String reason) {

        /** Returns the item for messages. */
        @Override
        public String toString() {
            String prefix = status == 0 ? "no usable response: " : "status " + status + ": ";
            return prefix + (errorType.isEmpty() ? "" : errorType + ": ") + reason;
        }
    }

    private BulkResponse() {}

    /**
     * Parses the items of a bulk response, in the order of the documents.
     *
     * @throws IOException if the body is not a response for these documents, so that the outcome of all of them is unknown
     */
    static List<Item> read(byte[] body, List<BulkEntry> sent) throws IOException {
        JsonNode items = parse(body).path("items");
        if (!items.isArray() || items.size() != sent.size()) {
            throw new IOException("the response to " + sent.size() + " documents has "
                    + (items.isArray() ? items.size() + " items" : "no items: " + excerpt(body)));
        }
        List<Item> results = new ArrayList<>(sent.size());
        for (int i = 0; i < sent.size(); i++) {
            Iterator<JsonNode> operation = items.get(i).iterator();
            JsonNode item = operation.hasNext() ? operation.next() : MissingNode.getInstance();
            String id = sent.get(i).document().id();
            if (!id.equals(item.path("_id").asText()) || !item.path("status").isInt()) {
                throw new IOException("item " + i + " of the response is not for document " + id + ": " + items.get(i));
            }
            JsonNode error = item.path("error");
            results.add(
                    new Item(item.path("status").intValue(), error.path("type").asText(""), reason(error)));
        }
        return results;
    }

    private static JsonNode parse(byte[] body) throws IOException {
        try {
            JsonNode tree = JSON.readTree(body);
            if (tree.isMissingNode()) {
                throw new IOException("the response is empty");
            }
            return tree;
        } catch (JacksonException e) {
            throw new IOException("the response is not JSON, or truncated: " + excerpt(body), e);
        }
    }

    /** Parses the response for a whole request. Engines, and the services in front of them, use several formats. */
    static Item whole(int status, byte[] body) {
        JsonNode tree;
        try {
            tree = JSON.readTree(body);
        } catch (IOException e) {
            return new Item(status, "", excerpt(body));
        }
        JsonNode error = tree.path("error");
        if (error.isObject()) {
            return new Item(status, error.path("type").asText(""), reason(error));
        }
        for (String field : List.of("error", "message", "Message")) {
            if (tree.path(field).isTextual()) {
                return new Item(status, "", oneLine(tree.path(field).asText()));
            }
        }
        return new Item(status, "", excerpt(body));
    }

    private static String reason(JsonNode error) {
        String reason = error.path("reason").asText("");
        String cause = error.path("caused_by").path("reason").asText("");
        return oneLine(cause.isEmpty() ? reason : reason + ": " + cause);
    }

    private static String excerpt(byte[] body) {
        return body.length == 0 ? "an empty body" : oneLine(new String(body, StandardCharsets.UTF_8));
    }

    private static String oneLine(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() <= MAX_REASON_LENGTH ? line : line.substring(0, MAX_REASON_LENGTH) + "...";
    }
}
