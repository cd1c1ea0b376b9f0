package io.taxistream.local.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.taxistream.local.page.Timeline.Step;
import io.taxistream.local.page.Timeline.Trips;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimelineTest {

    private static final long FIRST = Instant.parse("2016-01-03T05:10:00Z").toEpochMilli() - 1;

    private final Timeline timeline = new Timeline();

    @ParameterizedTest
    @CsvSource({
        "1, 10",
        "1, 1500",
        "3, 1501",
        "3, 4464", // a month
        "18, 26208", // half a year
        "36, 52560", // a year
        "1008, 1000000"
    })
    void usesTheShortestStepWithinTheLimit(int windowsPerStep, long windows) {
        long last = FIRST + (windows - 1) * Timeline.WINDOW.toMillis();

        assertThat(Timeline.stepFor(FIRST, last)).isEqualTo(Timeline.WINDOW.multipliedBy(windowsPerStep));
    }

    @Test
    void distantDateDoesNotAddSteps() {
        Duration step = Timeline.stepFor(
                Instant.parse("0001-01-01T00:00:00Z").toEpochMilli(),
                Instant.parse("9999-12-31T00:00:00Z").toEpochMilli());

        assertThat(Duration.ofDays(365L * 9_999).dividedBy(step)).isLessThanOrEqualTo(Timeline.MAX_STEPS);
    }

    @Test
    void sendsOnlyChanges() {
        timeline.update(Timeline.WINDOW, Map.of(0L, step(1), 600_000L, step(2)));
        JsonNode all = timeline.changedSince(0);
        timeline.update(Timeline.WINDOW, Map.of(0L, step(1), 600_000L, step(3), 1_200_000L, step(4)));

        JsonNode changes = timeline.changedSince(all.get("version").longValue());

        assertThat(all.get("reset").booleanValue()).isTrue();
        assertThat(starts(all)).containsExactly(0L, 600_000L);
        assertThat(changes.get("reset").booleanValue()).isFalse();
        assertThat(starts(changes)).containsExactly(600_000L, 1_200_000L);
        assertThat(changes.at("/steps/0").toString())
                .isEqualTo("{\"start\":600000,\"timestamp\":3,\"pickups\":3,\"airports\":{\"JFK\":[3,90.5]}}");
    }

    @Test
    void longerStepsReplaceTheWholeTimeline() {
        timeline.update(Timeline.WINDOW, Map.of(0L, step(1), 600_000L, step(2)));
        long known = timeline.changedSince(0).get("version").longValue();
        timeline.update(Timeline.WINDOW.multipliedBy(3), Map.of(0L, step(3)));

        JsonNode answer = timeline.changedSince(known);

        assertThat(answer.get("reset").booleanValue()).isTrue();
        assertThat(answer.get("step").longValue()).isEqualTo(1_800_000);
        assertThat(starts(answer)).containsExactly(0L);
    }

    @Test
    void versionOfAnEarlierRunReceivesEverything() {
        timeline.update(Timeline.WINDOW, Map.of(0L, step(1)));

        assertThat(starts(timeline.changedSince(4_711))).containsExactly(0L);
    }

    @ParameterizedTest
    @CsvSource({"4464", "26208"})
    void responseSizeIsBounded(int windows) {
        Duration step = Timeline.stepFor(FIRST, FIRST + (windows - 1) * Timeline.WINDOW.toMillis());
        Map<Long, Step> steps = new HashMap<>();
        for (int window = 0; window < windows; window++) {
            long timestamp = FIRST + window * Timeline.WINDOW.toMillis();
            long start = Math.floorDiv(timestamp, step.toMillis()) * step.toMillis();
            steps.merge(start, new Step(timestamp, 2_500, airports()), Step::plus);
        }

        timeline.update(step, steps);

        JsonNode answer = timeline.changedSince(0);
        assertThat(answer.get("steps").size()).isBetween(1_000, Timeline.MAX_STEPS);
        assertThat(answer.toString().getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(200_000);
    }

    private static Map<String, Trips> airports() {
        return Map.of("JFK", new Trips(31, 1_234.5), "LGA", new Trips(42, 987.6));
    }

    private static Step step(int number) {
        return new Step(number, number, Map.of("JFK", new Trips(number, 90.5)));
    }

    private static List<Long> starts(JsonNode answer) {
        List<Long> starts = new ArrayList<>();
        answer.get("steps").forEach(step -> starts.add(step.get("start").longValue()));
        return starts;
    }
}
