package io.taxistream.local.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkFolderTest {

    @TempDir
    private Path elsewhere;

    @Test
    void isRemovedWithoutFollowingLinks() throws IOException {
        Path outside = Files.writeString(elsewhere.resolve("outside"), "stays");
        WorkFolder work = WorkFolder.create();
        Files.writeString(work.folder("a/b").resolve("file"), "goes");
        Files.createSymbolicLink(work.path().resolve("link"), outside);
        Files.createSymbolicLink(work.path().resolve("folder-link"), elsewhere);

        work.close();

        assertThat(work.path()).doesNotExist();
        assertThat(outside).hasContent("stays");
    }

    @Test
    void removalIsIdempotent() throws IOException {
        WorkFolder work = WorkFolder.create();
        Files.delete(work.path());

        work.close();

        assertThat(work.path()).doesNotExist();
    }

    @Test
    void missingTemporaryFolderIsReportedWithARemedy() {
        Path missing = elsewhere.resolve("missing");

        assertThatThrownBy(() -> WorkFolder.create(missing))
                .isInstanceOf(IOException.class)
                .hasMessage("the temporary folder " + missing + " does not exist; set another one with TMPDIR=FOLDER");
    }
}
