package io.taxistream.search;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * A document to be stored under an id chosen by the caller. It replaces any document stored under the same id.
 *
 * <p>The same content must always have the same id, so that storing it again after a failure has no effect.
 *
 * @param index name of the index or alias, not empty
 * @param id not empty; search engines reject ids of more than 512 bytes
 * @param source a JSON object in UTF-8; not copied, so it must not be modified afterwards
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content below
public record SearchDocument(String index, String id, byte[] source) implements Serializable {

    private static final long serialVersionUID = 1;

    /** @throws IllegalArgumentException if the index or the id is empty */
    public SearchDocument {
        if (index.isEmpty() || id.isEmpty()) {
            throw new IllegalArgumentException(
                    "a document needs an index and an id, but has index '" + index + "' and id '" + id + "'");
        }
        Objects.requireNonNull(source, "source");
    }

    /** Creates a document from JSON text. */
    public static SearchDocument of(String index, String id, String source) {
        return new SearchDocument(index, id, source.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SearchDocument that
                && index.equals(that.index)
                && id.equals(that.id)
                && Arrays.equals(source, that.source);
    }

    @Override
    public int hashCode() {
        return 31 * Objects.hash(index, id) + Arrays.hashCode(source);
    }

    @Override
    public String toString() {
        return index + "/" + id + " (" + source.length + " bytes)";
    }
}
