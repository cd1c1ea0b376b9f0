package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DocumentOrderTest {

    private final DocumentOrder order = new DocumentOrder();
    private final RecordingBatch first = new RecordingBatch();
    private final RecordingBatch second = new RecordingBatch();
    private final RecordingBatch third = new RecordingBatch();

    @Test
    void differentIdsDoNotWaitForEachOther() {
        assertThat(order.begin(version("a", 1), first)).isTrue();
        assertThat(order.begin(version("b", 1), second)).isTrue();
        assertThat(order.begin(BulkEntry.first(SearchDocument.of("other", "a", "{}")), third))
                .isTrue();
    }

    @Test
    void aBatchWaitsUntilAllOfTheIdInTheBatchBeforeIsSettled() {
        assertThat(order.begin(version("a", 1), first)).isTrue();
        assertThat(order.begin(version("a", 2), first)).isTrue();
        assertThat(order.begin(version("a", 3), second)).isFalse();

        order.settled(version("a", 2));
        assertThat(second.released).isEmpty();

        order.settled(version("a", 1));
        assertThat(second.released).containsExactly(version("a", 3));
    }

    @Test
    void batchesTakeTurnsInTheOrderInWhichTheyAsked() {
        order.begin(version("a", 1), first);
        order.begin(version("a", 2), second);
        order.begin(version("a", 3), third);
        order.begin(version("a", 4), third);

        order.settled(version("a", 1));
        assertThat(second.released).containsExactly(version("a", 2));
        assertThat(third.released).isEmpty();

        order.settled(version("a", 2));
        assertThat(third.released).containsExactly(version("a", 3), version("a", 4));
    }

    @Test
    void anIdIsFreeAgainWhenAllIsSettled() {
        order.begin(version("a", 1), first);
        order.settled(version("a", 1));

        assertThat(order.begin(version("a", 2), second)).isTrue();
    }

    private static BulkEntry version(String id, int version) {
        return BulkEntry.first(SearchDocument.of("index", id, "{\"version\":" + version + "}"));
    }

    private static final class RecordingBatch implements DocumentOrder.Batch {

        private final List<BulkEntry> released = new ArrayList<>();

        @Override
        public void release(BulkEntry entry) {
            released.add(entry);
        }
    }
}
