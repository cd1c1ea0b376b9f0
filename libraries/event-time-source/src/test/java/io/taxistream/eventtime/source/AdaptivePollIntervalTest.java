package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdaptivePollIntervalTest {

    @Test
    void slowsDownWhileThrottledAndRecovers() {
        AdaptivePollInterval interval = new AdaptivePollInterval(250);
        interval.throttled();
        assertThat(interval.intervalMillis()).isEqualTo(375);

        for (int i = 0; i < 50; i++) {
            interval.throttled();
        }
        assertThat(interval.intervalMillis()).isEqualTo(5_000);

        interval.succeeded(0);
        assertThat(interval.intervalMillis()).isEqualTo(4_750);
        for (int i = 0; i < 100; i++) {
            interval.succeeded(0);
        }
        assertThat(interval.intervalMillis()).isEqualTo(250);
    }

    @Test
    void pacesAThrottledShardByItsBandwidth() {
        AdaptivePollInterval interval = new AdaptivePollInterval(250);
        long tenMebibytes = 10L * 1024 * 1024;
        interval.succeeded(tenMebibytes);
        assertThat(interval.intervalMillis())
                .as("of an endpoint without limits")
                .isEqualTo(250);

        interval.throttled();

        assertThat(interval.intervalMillis()).isEqualTo(5_000);
        interval.succeeded(tenMebibytes / 10);
        assertThat(interval.intervalMillis()).isEqualTo(500);
        interval.succeeded(0);
        assertThat(interval.intervalMillis()).isLessThan(375);
    }

    @ParameterizedTest
    @CsvSource({"1, 50, 100", "2, 100, 200", "5, 500, 1000", "1000000, 500, 1000"})
    void doublesTheDelayWithEachFailureUpToAMaximum(int attempt, long atLeast, long atMost) {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), new Random(attempt));

        for (int i = 0; i < 1_000; i++) {
            assertThat(backoff.delayMillis(attempt)).isBetween(atLeast, atMost);
        }
    }
}
