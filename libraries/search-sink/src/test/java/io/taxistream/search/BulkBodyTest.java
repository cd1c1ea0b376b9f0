package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class BulkBodyTest {

    @Test
    void writesTwoLinesPerDocument() {
        assertThat(text(document("counts", "a", "{\"n\":1}"), document("other", "b", "{}")))
                .isEqualTo("""
                        {"index":{"_index":"counts","_id":"a"}}
                        {"n":1}
                        {"index":{"_index":"other","_id":"b"}}
                        {}
                        """);
    }

    @Test
    void escapesWhatJsonDoesNotAllowInAnId() {
        assertThat(text(document("counts", "a\"\\\n\u00e9", "{}"))).startsWith("""
                {"index":{"_index":"counts","_id":"a\\"\\\\\\n\u00e9"}}
                """);
    }

    @Test
    void writesAMultiLineSourceOnOneLine() {
        assertThat(text(document("counts", "a", "{\r\n  \"n\": 1\n}"))).endsWith("""
                }}
                {    "n": 1 }
                """);
    }

    @Test
    void doesNotModifyTheCallersBytes() {
        SearchDocument document = SearchDocument.of("counts", "a", "{\n}");

        text(BulkEntry.first(document));

        assertThat(document.source()).asString(StandardCharsets.UTF_8).isEqualTo("{\n}");
    }

    @Test
    void sizeMatchesTheBody() {
        BulkEntry entry = document("counts", "a", "{\"n\":1}");

        assertThat(BulkBody.size(entry.document())).isEqualTo(BulkBody.write(List.of(entry), false).length);
    }

    @Test
    void compressesToTheSameText() throws IOException {
        List<BulkEntry> entries = List.of(document("counts", "a", "{\"n\":1}"), document("counts", "b", "{}"));

        var gzip = new GZIPInputStream(new ByteArrayInputStream(BulkBody.write(entries, true)));

        assertThat(gzip.readAllBytes()).isEqualTo(BulkBody.write(entries, false));
    }

    private static BulkEntry document(String index, String id, String source) {
        return BulkEntry.first(SearchDocument.of(index, id, source));
    }

    private static String text(BulkEntry... entries) {
        return new String(BulkBody.write(List.of(entries), false), StandardCharsets.UTF_8);
    }
}
