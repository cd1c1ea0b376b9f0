package io.taxistream.search;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.taxistream.search.BulkResponse.Item;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Tells of a document that the search engine refuses for good: where it should have gone, why it was refused, and what it
 * was.
 *
 * <p>All fields are of the same type whatever the document, so that a dead letter is not refused for what its document
 * was refused for. The same document gives a dead letter of the same id.
 */
final class DeadLetter {

    /** Of a source, in bytes. The smallest limit for a whole request on Amazon's service is 10 MiB. */
    private static final int MAX_SOURCE_BYTES = 1 << 20;

    /** Of an id, in bytes; that of the engines. */
    private static final int MAX_ID_BYTES = 512;

    private static final ObjectMapper JSON = new ObjectMapper();

    private DeadLetter() {}

    static SearchDocument of(SearchDocument document, Item reason, String indexSuffix, long nowMillis) {
        ObjectNode letter = JSON.createObjectNode();
        letter.put("timestamp", nowMillis);
        letter.put("index", document.index());
        letter.put("id", document.id());
        letter.put("status", reason.status());
        letter.put("error_type", reason.errorType());
        letter.put("reason", reason.reason());
        letter.put("source_bytes", document.source().length);
        letter.put("source", sourceText(document));
        return SearchDocument.of(document.index() + indexSuffix, id(document.id()), letter.toString());
    }

    /** The source, cut off where it gets too long to be kept. */
    static String sourceText(SearchDocument document) {
        byte[] source = document.source();
        return new String(source, 0, Math.min(source.length, MAX_SOURCE_BYTES), StandardCharsets.UTF_8);
    }

    private static String id(String documentId) {
        byte[] bytes = documentId.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= MAX_ID_BYTES) {
            return documentId;
        }
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
