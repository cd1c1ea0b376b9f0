package io.taxistream.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ChaosComparisonTest {

    private final Comparison.Differences findings = new Comparison.Differences();

    @Test
    void acceptsEqualDocuments() {
        findings.documents("counts", new TreeMap<>(Map.of("a", count(2))), Map.of("a", count(2)));
        findings.late(Set.of(1L), Set.of(1L, 2L), Set.of(1L));
        findings.malformed(Set.of("m"), "REASON", new TreeMap<>(Map.of("m", "REASON")));
        findings.dead(Set.of("x"), Set.of("x"));

        Comparison comparison = findings.comparison();

        assertThat(comparison).isEqualTo(new Comparison(1, 0, 0, 0, 1, 1, 1, List.of()));
        assertThat(comparison.isEqual()).isTrue();
    }

    @Test
    void countsMissingDifferentAndSurplusDocuments() {
        findings.documents(
                "counts",
                new TreeMap<>(Map.of("a", count(2), "b", count(3), "c", count(4))),
                Map.of("b", count(9), "c", count(4), "d", count(5), "e", count(6)));

        Comparison comparison = findings.comparison();

        assertThat(comparison.compared()).isEqualTo(3);
        assertThat(comparison.missing()).isEqualTo(1);
        assertThat(comparison.different()).isEqualTo(1);
        assertThat(comparison.surplus()).isEqualTo(2);
        assertThat(comparison.isEqual()).isFalse();
        assertThat(comparison.problems())
                .contains(
                        "counts: a is missing, expected {pickup_count=2}",
                        "counts: b is {pickup_count=9}, expected {pickup_count=3}",
                        "counts: d is unexpected: {pickup_count=5}");
    }

    @Test
    void everyLateTripIsKeptAndOnlyInjectedTripsAreLate() {
        findings.late(Set.of(1L, 2L), Set.of(1L), Set.of(2L, 3L));

        assertThat(findings.comparison().problems())
                .containsExactly(
                        "trip 1 arrived late, but is not stored",
                        "trip 2 arrived late, but was not injected",
                        "trip 3 is stored as late, but arrived in time");
    }

    @Test
    void everyStrayWatermarkIsKeptAndNothingElseIsMalformed() {
        findings.malformed(
                Set.of("a", "b"), "IMPLAUSIBLE_WATERMARK", new TreeMap<>(Map.of("b", "NOT_JSON", "c", "NOT_JSON")));

        assertThat(findings.comparison().malformed()).isEqualTo(2);
        assertThat(findings.comparison().problems())
                .containsExactly(
                        "record a is malformed, but is not stored",
                        "record b is stored as NOT_JSON, expected IMPLAUSIBLE_WATERMARK",
                        "record c is stored as malformed (NOT_JSON), but was not injected");
    }

    @Test
    void onlyPoisonedDocumentsAreDeadLetters() {
        findings.dead(Set.of("x"), Set.of("y"));

        assertThat(findings.comparison().problems())
                .containsExactly(
                        "document x was rejected, but is not stored as a dead letter",
                        "document y is a dead letter without a reason");
    }

    private static Map<String, Object> count(long count) {
        return Map.of("pickup_count", count);
    }
}
