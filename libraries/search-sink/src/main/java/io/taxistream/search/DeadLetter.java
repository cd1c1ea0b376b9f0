package io.taxistream.search;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.taxistream.search.BulkResponse.Item;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Record of a document that the search engine has permanently rejected: its destination, the reason and its content.
 *
 * <p>Field types do not depend on the document, so a dead letter is not rejected for the reason that its document was. The id
 * of a dead letter is a function of the document.
 */
final class DeadLetter {

    /** Maximum number of bytes of a source. The smallest request limit of Amazon's service is 10 MiB. */
    private static final int MAX_SOURCE_BYTES = 1 << 20;

    /** Maximum number of bytes of an id, as limited by the engines. */
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

    /** Returns the source, truncated to the maximum length. */
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
