package io.taxistream.local.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedDayTest {

    @TempDir
    private Path folder;

    private Path scratch;

    @Test
    void laterRunsUseTheFileUntilTheProgramChanges() throws IOException {
        scratch = Files.createDirectory(folder.resolve("scratch"));
        Path cache = folder.resolve("cache");

        Path first = CachedDay.get(1, cache, scratch);
        assertThat(first).hasParent(scratch);

        Path second = CachedDay.get(1, cache, scratch);
        assertThat(second).startsWith(cache).hasSameBinaryContentAs(first);
        assertThat(filesNextTo(second)).as("no incomplete file").isOne();

        Files.setLastModifiedTime(second, FileTime.from(Instant.EPOCH));
        assertThat(CachedDay.get(1, cache, scratch)).hasParent(scratch);
        assertThat(CachedDay.get(1, cache, scratch)).startsWith(cache);
    }

    @Test
    void cacheThatCannotBeWrittenIsNotNeeded() throws IOException {
        scratch = Files.createDirectory(folder.resolve("scratch"));
        Path file = Files.createFile(folder.resolve("file"));

        assertThat(CachedDay.get(1, file, scratch)).hasParent(scratch).isNotEmptyFile();
    }

    private static long filesNextTo(Path file) throws IOException {
        try (Stream<Path> files = Files.list(file.getParent())) {
            return files.count();
        }
    }
}
