package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InFlightLimitTest {

    private final InFlightLimit limit = new InFlightLimit(4, 100);

    @Test
    void limitsRequestsInFlightAndPreparesOneAhead() {
        for (int i = 0; i < 4 + 1; i++) {
            assertThat(limit.allows(100)).isTrue();
            limit.sent(100);
        }
        assertThat(limit.allows(1)).isFalse();
        assertThat(limit.requests()).isEqualTo(5);

        limit.answered(100);
        assertThat(limit.allows(100)).isTrue();
        assertThat(limit.requests()).isEqualTo(4);
    }

    @Test
    void smallRequestsCountAsRequests() {
        for (int i = 0; i < 4 + 1; i++) {
            assertThat(limit.allows(1)).isTrue();
            limit.sent(1);
        }
        assertThat(limit.allows(1)).isFalse();
    }

    @Test
    void halvesTheLimitOnFailureAndRaisesItOnSuccess() {
        limit.halve();
        limit.halve();
        assertThat(limit.requestSize()).isEqualTo(100);
        limit.sent(60);
        assertThat(limit.allows(40)).isTrue();
        assertThat(limit.allows(41)).isFalse();

        limit.raise();
        limit.raise();
        assertThat(limit.requestSize()).isEqualTo(100);
        assertThat(limit.allows(60)).isTrue();
        assertThat(limit.allows(61)).isFalse();
    }

    @Test
    void preparesNoneAheadUntilTheLimitHasRecovered() {
        limit.halve();
        limit.sent(100);
        limit.sent(100);
        assertThat(limit.allows(1)).isFalse();

        for (int i = 0; i < 20; i++) {
            limit.raise();
        }
        limit.sent(100);
        limit.sent(100);
        assertThat(limit.allows(100)).isTrue();
    }

    @Test
    void limitIsAtLeastOneDocument() {
        for (int i = 0; i < 50; i++) {
            limit.halve();
        }
        assertThat(limit.requestSize()).isEqualTo(1);
        assertThat(limit.allows(1)).isTrue();
        limit.sent(1);
        assertThat(limit.allows(1)).isFalse();

        limit.raise();
        assertThat(limit.requestSize()).isEqualTo(11);
        assertThat(limit.allows(10)).isTrue();
    }

    @Test
    void doesNotExceedTheMaximum() {
        limit.halve();
        for (int i = 0; i < 50; i++) {
            limit.raise();
        }
        limit.sent(300);
        assertThat(limit.allows(200)).isTrue();
        assertThat(limit.allows(201)).isFalse();
    }

    @Test
    void growsByAtLeastOneDocument() {
        InFlightLimit small = new InFlightLimit(2, 3);
        small.halve();
        small.halve();
        assertThat(small.requestSize()).isEqualTo(1);

        small.raise();
        assertThat(small.requestSize()).isEqualTo(2);
    }
}
