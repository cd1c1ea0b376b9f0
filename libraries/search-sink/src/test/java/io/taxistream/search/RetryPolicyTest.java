package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {

    private final RetryPolicy policy =
            new RetryPolicy(Duration.ofMillis(200), Duration.ofSeconds(10), Duration.ofMinutes(10));

    @ParameterizedTest
    @CsvSource({"1, 200", "2, 400", "3, 800", "6, 6400", "7, 10000", "30, 10000", "2000000000, 10000"})
    void doublesTheDelayUpToTheLimit(int failures, long expectedMillis) {
        assertThat(policy.delayMillis(failures, () -> 0)).isEqualTo(expectedMillis);
    }

    @Test
    void subtractsRandomJitterOfUpToHalf() {
        assertThat(policy.delayMillis(2, () -> 0.5)).isEqualTo(300);
        assertThat(policy.delayMillis(2, () -> Math.nextDown(1.0))).isEqualTo(200);
    }

    @Test
    void delayIsNeverZero() {
        var shortest = new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofSeconds(1));

        assertThat(shortest.delayMillis(1, () -> 0.999)).isEqualTo(1);
    }
}
