package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Base64;
import java.util.List;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;
import org.junit.jupiter.api.Test;

class BulkEntryStateSerializerTest {

    private static final BulkEntry DOCUMENT = BulkEntry.first(SearchDocument.of("counts", "dr5reg-1", "{\"n\":1}"));
    private static final BulkEntry DEAD_LETTER =
            BulkEntry.deadLetter(SearchDocument.of("counts-dead-letter", "\u00e9", "{}"));

    /** What version 1 wrote for the two entries above; savepoints hold it, so it must stay readable. */
    private static final String VERSION_1 = "//////////8AAAACAAAAAAAAAGQAAAAGY291bnRzAAAACGRyNXJlZy0xAAAAB3sibiI6MX0A"
            + "AAAAAAAAAGUAAAASY291bnRzLWRlYWQtbGV0dGVyAAAAAsOpAAAAAnt9AQ==";

    private final BulkEntryStateSerializer serializer = new BulkEntryStateSerializer();

    @Test
    void writesVersion1() throws IOException {
        var state = new BufferedRequestState<>(
                List.of(new RequestEntryWrapper<>(DOCUMENT, 100), new RequestEntryWrapper<>(DEAD_LETTER, 101)));

        assertThat(serializer.getVersion()).isEqualTo(1);
        assertThat(Base64.getEncoder().encodeToString(serializer.serialize(state)))
                .isEqualTo(VERSION_1);
    }

    @Test
    void readsVersion1() throws IOException {
        var state = serializer.deserialize(1, Base64.getDecoder().decode(VERSION_1));

        assertThat(state.getBufferedRequestEntries())
                .extracting(RequestEntryWrapper::getRequestEntry)
                .containsExactly(DOCUMENT, DEAD_LETTER);
        assertThat(state.getStateSize()).isEqualTo(201);
    }

    @Test
    void doesNotGuessAtOtherVersions() {
        assertThatThrownBy(() -> serializer.deserialize(2, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2");
    }

    @Test
    void timeToRetryStartsAnewAfterARestart() throws IOException {
        BulkEntry failed = DOCUMENT.failedAt(1_000).failedAt(2_000);
        byte[] bytes = serializer.serialize(new BufferedRequestState<>(List.of(new RequestEntryWrapper<>(failed, 1))));

        assertThat(failed).isEqualTo(new BulkEntry(DOCUMENT.document(), false, 2, 1_000));
        assertThat(serializer.deserialize(1, bytes).getBufferedRequestEntries())
                .extracting(RequestEntryWrapper::getRequestEntry)
                .containsExactly(DOCUMENT);
    }
}
