package io.taxistream.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class PeakMemoryTest {

    private final PeakMemory memory = new PeakMemory();

    @Test
    void isUnknownBeforeTheFirstSample() {
        assertThat(memory.bytes()).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void measuresAtLeastThisProcess() {
        memory.sample();

        assertThat(memory.bytes().orElseThrow()).isBetween(20L << 20, 1L << 40);
    }
}
