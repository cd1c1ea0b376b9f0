package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WatermarkGateTest {

    private final WatermarkGate gate = new WatermarkGate(Duration.ofSeconds(1));

    @Test
    void opensAtInfrequentWatermarks() {
        assertThat(openings(20, 417)).isEqualTo(20);
    }

    @Test
    void staysClosedWhileWatermarksAreFrequent() {
        assertThat(openings(100, 92)).isEqualTo(3);
    }

    @Test
    void opensAtExactlyThreeInAnInterval() {
        assertThat(gate.opens(0)).isTrue();
        assertThat(gate.opens(10)).isTrue();
        assertThat(gate.opens(20)).isTrue();
        assertThat(gate.opens(999)).isFalse();
        assertThat(gate.opens(1_010)).isTrue();
    }

    @Test
    void opensAgainAfterFrequentWatermarks() {
        openings(100, 92);

        assertThat(gate.opens(100_000)).isTrue();
        assertThat(gate.opens(100_500)).isTrue();
    }

    private long openings(int watermarks, long gapMillis) {
        return IntStream.range(0, watermarks)
                .filter(i -> gate.opens(i * gapMillis))
                .count();
    }
}
