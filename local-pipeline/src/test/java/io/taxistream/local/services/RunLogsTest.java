package io.taxistream.local.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogsTest {

    private static final LocalDateTime START = LocalDateTime.of(2026, 11, 28, 22, 40, 3);

    @TempDir
    private Path folder;

    @Test
    void eachRunHasItsOwnFolderEvenInTheSameSecond() throws Exception {
        Path parent = folder.resolve("not/there/yet");

        assertThat(RunLogs.create(parent, START)).isEqualTo(parent.resolve("2026-11-28T22-40-03"));
        assertThat(RunLogs.create(parent, START)).isEqualTo(parent.resolve("2026-11-28T22-40-03-2"));
        assertThat(RunLogs.create(parent, START.plusSeconds(1))).isEqualTo(parent.resolve("2026-11-28T22-40-04"));
        assertThat(folder.resolve("not/there/yet")).isDirectoryContaining("glob:**/2026-11-28T22-40-03");
    }

    @Test
    void removesOnlyTheOldestLogs() throws Exception {
        Path notALog = Files.createDirectory(folder.resolve("mine"));
        for (int i = 0; i < RunLogs.KEPT + 2; i++) {
            Path log = Files.createFile(
                    RunLogs.create(folder, START.plusMinutes(i)).resolve("pipeline.log"));
            setTime(log, i);
            setTime(log.getParent(), i);
        }
        // the oldest of the remaining runs is still in progress
        setTime(folder.resolve("2026-11-28T22-43-03/pipeline.log"), 1_000);

        RunLogs.create(folder, START.plusDays(1));

        assertThat(notALog).isDirectory();
        assertThat(folder.resolve("2026-11-28T22-43-03/pipeline.log")).exists();
        assertThat(folder.resolve("2026-11-28T22-42-03")).doesNotExist();
        assertThat(folder.toFile().list()).hasSize(RunLogs.KEPT + 1);
    }

    @Test
    void unwritableFolderIsReportedWithARemedy() throws Exception {
        Path file = Files.createFile(folder.resolve("logs"));

        assertThatThrownBy(() -> RunLogs.create(file, START))
                .isInstanceOf(LocalPipelineException.class)
                .hasMessageStartingWith("logs cannot be written to " + file + " (")
                .hasMessageContaining("TAXI_STREAM_LOGS=FOLDER");
    }

    private static void setTime(Path path, int minute) throws Exception {
        Files.setLastModifiedTime(path, FileTime.from(Instant.EPOCH.plusSeconds(60L * minute)));
    }
}
