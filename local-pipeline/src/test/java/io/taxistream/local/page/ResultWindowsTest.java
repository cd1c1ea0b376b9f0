package io.taxistream.local.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.page.ResultWindows.Sums;
import io.taxistream.local.page.ResultWindows.Window;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ResultWindowsTest {

    private static final long FIRST = 1_448_946_599_999L;
    private static final long SECOND = FIRST + 600_000;

    private final ResultWindows windows = new ResultWindows();

    @Test
    void tellsWhichWindowsMustBeReadAgain() {
        hold(FIRST, 3);
        hold(SECOND, 4);

        assertThat(windows.outdated(Map.of(FIRST, sums(3), SECOND, sums(4)))).isEmpty();
        assertThat(windows.outdated(Map.of(FIRST, sums(3), SECOND, sums(5)))).isEqualTo(Set.of(SECOND));
        assertThat(windows.outdated(Map.of(SECOND + 600_000, sums(1)))).isEqualTo(Set.of(SECOND + 600_000));
    }

    @Test
    void answersOnlyWhatIsNewToThePage() {
        hold(FIRST, 3);
        hold(SECOND, 4);

        assertThat(windows.changedSince(0).toString())
                .isEqualTo("{\"version\":2,\"first\":1448946599999,\"windows\":["
                        + "{\"timestamp\":1448946599999,\"pickups\":{\"dr5rus\":3},"
                        + "\"durations\":{\"JFK\":{\"dr5rus\":[3,120.5]}}},"
                        + "{\"timestamp\":1448947199999,\"pickups\":{\"dr5rus\":4},"
                        + "\"durations\":{\"JFK\":{\"dr5rus\":[4,120.5]}}}]}");
        assertThat(windows.changedSince(1).get("windows").findValuesAsText("timestamp"))
                .containsExactly(Long.toString(SECOND));
        assertThat(windows.changedSince(2).get("windows").isEmpty()).isTrue();
    }

    @Test
    void aVersionOfAnotherRunStandsForNone() {
        hold(FIRST, 3);

        assertThat(windows.changedSince(17).get("windows").size()).isEqualTo(1);
    }

    @Test
    void aWindowThatHasLostItsDocumentsIsEmpty() {
        hold(FIRST, 3);

        windows.update(Map.of(FIRST, Sums.NONE), Set.of(FIRST), Map.of());

        assertThat(windows.changedSince(1).at("/windows/0/pickups").isEmpty()).isTrue();
    }

    @Test
    void theOldestMakeRoomForTheNewest() {
        for (int i = 0; i <= ResultWindows.CAPACITY; i++) {
            hold(FIRST + i * 600_000L, 2);
        }

        assertThat(windows.changedSince(0).get("windows").size()).isEqualTo(ResultWindows.CAPACITY);
        assertThat(windows.changedSince(0).get("first").longValue()).isEqualTo(SECOND);
    }

    private void hold(long timestamp, long trips) {
        Window window = new Window();
        window.addPickups("dr5rus", trips);
        window.addDuration("JFK", "dr5rus", trips, 120.5);
        Map<Long, Window> read = new HashMap<>();
        read.put(timestamp, window);
        windows.update(Map.of(timestamp, sums(trips)), Set.of(timestamp), read);
    }

    private static Sums sums(long trips) {
        return new Sums(2, 2 * trips, 120.5);
    }
}
