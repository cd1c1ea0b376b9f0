package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.search.BulkResponse.Item;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalGuardTest {

    private static final Item STRICT = new Item(400, "strict_dynamic_mapping_exception", "no field [n]");
    private static final Item UNPARSABLE = new Item(400, "mapper_parsing_exception", "not a number");

    private final RefusalGuard guard = new RefusalGuard(0.5, 10);

    @Test
    void saysSoWhenMostDocumentsOfAnIndexAreRefusedForOneReason() {
        refuse("counts", STRICT, 9);
        assertThat(guard.fault()).isEmpty();

        refuse("counts", STRICT, 1);
        assertThat(guard.fault())
                .contains("10 of the last 10 documents of index counts were rejected for the same reason: status 400:"
                        + " strict_dynamic_mapping_exception: no field [n]");
    }

    @ParameterizedTest
    @CsvSource({"10, 10, false", "11, 10, true", "10, 11, false"})
    void halfIsNotMoreThanHalf(int refused, int stored, boolean fault) {
        refuse("counts", STRICT, refused);
        store("counts", stored);

        assertThat(guard.fault().isPresent()).isEqualTo(fault);
    }

    @Test
    void reasonsAndIndicesAreCountedApart() {
        refuse("counts", STRICT, 9);
        refuse("counts", UNPARSABLE, 9);
        refuse("times", STRICT, 9);

        assertThat(guard.fault()).isEmpty();
    }

    @Test
    void whatIsLongPastWeighsLess() {
        store("counts", 1_000);
        assertThat(guard.fault()).isEmpty();

        int refused = 0;
        Optional<String> fault = Optional.empty();
        while (fault.isEmpty()) {
            refuse("counts", UNPARSABLE, 1);
            refused++;
            fault = guard.fault();
        }
        assertThat(refused).isBetween(20, 40);
    }

    @Test
    void countsFourTimesTheMinimumInFull() {
        store("counts", 40);
        assertThat(guard.fault()).isEmpty();

        refuse("counts", STRICT, 41);

        assertThat(guard.fault()).hasValueSatisfying(fault -> assertThat(fault).startsWith("41 of the last 81"));
    }

    @Test
    void halvesCountsBeyondThatWithTheirShare() {
        refuse("counts", STRICT, 20);
        store("counts", 21);
        assertThat(guard.fault()).isEmpty();

        refuse("counts", STRICT, 1);

        assertThat(guard.fault()).hasValueSatisfying(fault -> assertThat(fault).startsWith("11 of the last 21"));
    }

    @Test
    void aShareOfOneLetsEverythingPass() {
        RefusalGuard lenient = new RefusalGuard(1, 1);
        for (int i = 0; i < 100; i++) {
            lenient.refused("counts", STRICT);
        }

        assertThat(lenient.fault()).isEmpty();
    }

    @Test
    void requestsRefusedInARowAreNotTheFaultOfTheirDocuments() {
        for (int i = 0; i < 7; i++) {
            assertThat(guard.requestRefused(1, STRICT)).isFalse();
        }
        assertThat(guard.requestRefused(1, STRICT)).isTrue();
    }

    @Test
    void searchesForTheCauseUntilARequestIsAccepted() {
        assertThat(guard.isSearching()).isFalse();
        for (int i = 0; i < 20; i++) {
            assertThat(guard.requestRefused(2, STRICT)).isFalse();
        }
        assertThat(guard.isSearching()).isTrue();

        guard.requestAccepted();
        assertThat(guard.isSearching()).isFalse();
    }

    @Test
    void anAcceptedRequestEndsTheRow() {
        for (int i = 0; i < 7; i++) {
            guard.requestRefused(1, STRICT);
        }
        guard.requestAccepted();

        assertThat(guard.requestRefused(1, STRICT)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"413, ''", "400, action_request_validation_exception"})
    void documentsThatAreTooLargeOrHaveALongIdMayComeInARow(int status, String type) {
        for (int i = 0; i < 20; i++) {
            assertThat(guard.requestRefused(1, new Item(status, type, ""))).isFalse();
        }
    }

    private void refuse(String index, Item reason, int times) {
        for (int i = 0; i < times; i++) {
            guard.refused(index, reason);
        }
    }

    private void store(String index, int times) {
        for (int i = 0; i < times; i++) {
            guard.stored(index);
        }
    }
}
