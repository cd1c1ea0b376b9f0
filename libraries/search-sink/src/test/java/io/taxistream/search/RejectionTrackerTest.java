package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.search.BulkResponse.Item;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RejectionTrackerTest {

    private static final Item STRICT = new Item(400, "strict_dynamic_mapping_exception", "no field [n]");
    private static final Item UNPARSABLE = new Item(400, "mapper_parsing_exception", "not a number");

    private final RejectionTracker tracker = new RejectionTracker(0.5, 10);

    @Test
    void reportsAnIndexThatRejectsMostDocumentsForOneReason() {
        refuse("counts", STRICT, 9);
        assertThat(tracker.tooManyRejections()).isEmpty();

        refuse("counts", STRICT, 1);
        assertThat(tracker.tooManyRejections())
                .contains("10 of the last 10 documents of index counts were rejected for the same reason: status 400:"
                        + " strict_dynamic_mapping_exception: no field [n]");
    }

    @ParameterizedTest
    @CsvSource({"10, 10, false", "11, 10, true", "10, 11, false"})
    void shareMustExceedTheLimit(int refused, int stored, boolean fault) {
        refuse("counts", STRICT, refused);
        store("counts", stored);

        assertThat(tracker.tooManyRejections().isPresent()).isEqualTo(fault);
    }

    @Test
    void countsReasonsAndIndicesSeparately() {
        refuse("counts", STRICT, 9);
        refuse("counts", UNPARSABLE, 9);
        refuse("times", STRICT, 9);

        assertThat(tracker.tooManyRejections()).isEmpty();
    }

    @Test
    void olderResultsWeighLess() {
        store("counts", 1_000);
        assertThat(tracker.tooManyRejections()).isEmpty();

        int refused = 0;
        Optional<String> fault = Optional.empty();
        while (fault.isEmpty()) {
            refuse("counts", UNPARSABLE, 1);
            refused++;
            fault = tracker.tooManyRejections();
        }
        assertThat(refused).isBetween(20, 40);
    }

    @Test
    void countsFourTimesTheMinimumInFull() {
        store("counts", 40);
        assertThat(tracker.tooManyRejections()).isEmpty();

        refuse("counts", STRICT, 41);

        assertThat(tracker.tooManyRejections())
                .hasValueSatisfying(fault -> assertThat(fault).startsWith("41 of the last 81"));
    }

    @Test
    void halvesCountsBeyondThatWithTheirShare() {
        refuse("counts", STRICT, 20);
        store("counts", 21);
        assertThat(tracker.tooManyRejections()).isEmpty();

        refuse("counts", STRICT, 1);

        assertThat(tracker.tooManyRejections())
                .hasValueSatisfying(fault -> assertThat(fault).startsWith("11 of the last 21"));
    }

    @Test
    void shareOfOneAcceptsEverything() {
        RejectionTracker lenient = new RejectionTracker(1, 1);
        for (int i = 0; i < 100; i++) {
            lenient.rejected("counts", STRICT);
        }

        assertThat(lenient.tooManyRejections()).isEmpty();
    }

    @Test
    void consecutiveRejectionsAreNotCausedByDocuments() {
        for (int i = 0; i < 7; i++) {
            assertThat(tracker.requestRejected(1, STRICT)).isFalse();
        }
        assertThat(tracker.requestRejected(1, STRICT)).isTrue();
    }

    @Test
    void bisectsUntilARequestIsAccepted() {
        assertThat(tracker.isBisecting()).isFalse();
        for (int i = 0; i < 20; i++) {
            assertThat(tracker.requestRejected(2, STRICT)).isFalse();
        }
        assertThat(tracker.isBisecting()).isTrue();

        tracker.requestAccepted();
        assertThat(tracker.isBisecting()).isFalse();
    }

    @Test
    void acceptedRequestResetsTheCount() {
        for (int i = 0; i < 7; i++) {
            tracker.requestRejected(1, STRICT);
        }
        tracker.requestAccepted();

        assertThat(tracker.requestRejected(1, STRICT)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"413, ''", "400, action_request_validation_exception"})
    void oversizedDocumentsMayBeConsecutive(int status, String type) {
        for (int i = 0; i < 20; i++) {
            assertThat(tracker.requestRejected(1, new Item(status, type, ""))).isFalse();
        }
    }

    private void refuse(String index, Item reason, int times) {
        for (int i = 0; i < times; i++) {
            tracker.rejected(index, reason);
        }
    }

    private void store(String index, int times) {
        for (int i = 0; i < times; i++) {
            tracker.stored(index);
        }
    }
}
