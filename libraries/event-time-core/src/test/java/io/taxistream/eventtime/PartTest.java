package io.taxistream.eventtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartTest {

    @ParameterizedTest
    @ValueSource(strings = {"1/1", "2/4", "64/64"})
    void readsWhatItPrints(String text) {
        assertThat(Part.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "0/1", "2/1", "1/65", "-1/2", "1/2/3", "1 / 2", "99999/99999", "a/b", "1/0"})
    void rejectsInvalidParts(String text) {
        assertThatThrownBy(() -> Part.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 <= I <= N <= 64");
    }

    @Test
    void areOrderedByCountThenByIndex() {
        assertThat(Stream.of("2/4", "1/1", "4/4", "1/2", "2/2", "1/4")
                        .map(Part::parse)
                        .sorted())
                .extracting(Part::toString)
                .containsExactly("1/1", "1/2", "2/2", "1/4", "2/4", "4/4");
        assertThat(new Part(1, 2)).isEqualByComparingTo(new Part(1, 2));
    }

    @Test
    void oneOfOneIsTheOnlyPart() {
        assertThat(Part.ONLY.isOnly()).isTrue();
        assertThat(new Part(1, 2).isOnly()).isFalse();
        assertThat(Part.ONLY.owns("2k9x")).isTrue();
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

    /** Another owner would make a resumed part send other events than before. */
    @ParameterizedTest
    @CsvSource({"2k9x, 8, 8", "2k9x, 64, 32", "a, 64, 26", "event-1, 64, 1", "event-2, 64, 29"})
    void partOfAnEventIsStable(String eventId, int count, int owner) {
        assertThat(IntStream.rangeClosed(1, count).filter(index -> new Part(index, count).owns(eventId)))
                .containsExactly(owner);
    }
}
