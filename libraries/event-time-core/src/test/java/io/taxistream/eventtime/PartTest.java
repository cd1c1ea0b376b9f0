package io.taxistream.eventtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartTest {

    @ParameterizedTest
    @ValueSource(strings = {"1/1", "2/4", "64/64"})
    void readsWhatItPrints(String text) {
        assertThat(Part.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "0/1", "2/1", "1/65", "-1/2", "1/2/3", "1 / 2", "99999/99999", "a/b", "1/0"})
    void refusesWhatIsNotAPart(String text) {
        assertThatThrownBy(() -> Part.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 <= I <= N <= 64");
    }

    @Test
    void everyEventBelongsToOnePart() {
        for (int id = 0; id < 1_000; id++) {
            String eventId = Integer.toString(id, Character.MAX_RADIX);

            assertThat(IntStream.rangeClosed(1, 7).filter(index -> new Part(index, 7).owns(eventId)))
                    .hasSize(1);
        }
    }

    @Test
    void similarIdsAreSpreadEvenly() {
        long[] counts = new long[4];
        for (int id = 0; id < 40_000; id++) {
            for (int index = 1; index <= 4; index++) {
                counts[index - 1] += new Part(index, 4).owns("event-" + id) ? 1 : 0;
            }
        }

        assertThat(LongStream.of(counts)).allMatch(count -> count > 9_500 && count < 10_500);
    }

    @Test
    void theSameEventBelongsToTheSamePartInEveryBuild() {
        assertThat(IntStream.rangeClosed(1, 8).filter(index -> new Part(index, 8).owns("2k9x")))
                .containsExactly(OWNER_OF_2K9X);
    }

    /** Changing it would make a resumed part send other events than before. */
    private static final int OWNER_OF_2K9X = 8;
}
