package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PollPaceTest {

    @Test
    void slowsDownWhileThrottledAndComesBackAfterwards() {
        PollPace pace = new PollPace(250);
        pace.throttled();
        assertThat(pace.intervalMillis()).isEqualTo(375);

        for (int i = 0; i < 50; i++) {
            pace.throttled();
        }
        assertThat(pace.intervalMillis()).isEqualTo(5_000);

        pace.succeeded(0);
        assertThat(pace.intervalMillis()).isEqualTo(4_750);
        for (int i = 0; i < 100; i++) {
            pace.succeeded(0);
        }
        assertThat(pace.intervalMillis()).isEqualTo(250);
    }

    @Test
    void givesAShardThatHasThrottledTheTimeThatItsBandwidthTakes() {
        PollPace pace = new PollPace(250);
        long tenMebibytes = 10L * 1024 * 1024;
        pace.succeeded(tenMebibytes);
        assertThat(pace.intervalMillis()).as("of an endpoint without limits").isEqualTo(250);

        pace.throttled();

        assertThat(pace.intervalMillis()).isEqualTo(5_000);
        pace.succeeded(tenMebibytes / 10);
        assertThat(pace.intervalMillis()).isEqualTo(500);
        pace.succeeded(0);
        assertThat(pace.intervalMillis()).isLessThan(375);
    }

    @ParameterizedTest
    @CsvSource({"1, 50, 100", "2, 100, 200", "5, 500, 1000", "1000000, 500, 1000"})
    void waitsTwiceAsLongWithEachFailureUpToAMaximum(int attempt, long atLeast, long atMost) {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), new Random(attempt));

        for (int i = 0; i < 1_000; i++) {
            assertThat(backoff.delayMillis(attempt)).isBetween(atLeast, atMost);
        }
    }
}
