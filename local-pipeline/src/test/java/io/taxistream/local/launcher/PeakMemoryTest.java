package io.taxistream.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class PeakMemoryTest {

    private final PeakMemory memory = new PeakMemory();

    @Test
    void isUnknownBeforeTheFirstSample() {
        assertThat(memory.bytes()).isEmpty();
    }

    /** The file of a process that has ended since it was opened cannot be read; neither can a folder. */
    @Test
    void processThatHasEndedUsesNoMemory(@TempDir Path unreadable) {
        assertThat(PeakMemory.residentKilobytes(unreadable).sum()).isZero();
        assertThat(PeakMemory.residentKilobytes(unreadable.resolve("missing")).sum())
                .isZero();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void measuresAtLeastThisProcess() {
        memory.sample();

        assertThat(memory.bytes().orElseThrow()).isBetween(20L << 20, 1L << 40);
    }
}
