package io.taxistream.eventtime.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFolderTest {

    @TempDir
    private Path temporary;

    @Test
    void nobodyElseCanReadOrWriteIt() throws IOException {
        try (NativeFolder folder = NativeFolder.create(temporary)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void nothingIsLeft() throws IOException {
        try (NativeFolder folder = NativeFolder.create(temporary)) {
            Files.createDirectories(folder.path().resolve("a/b"));
            Files.writeString(folder.path().resolve("a/b/c"), "d");
        }

        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void foldersOfSendersThatWereKilledAreRemovedAndNoOthers() throws IOException {
        Path killed = Files.createDirectory(temporary.resolve("event-time-sender-1"));
        Files.createFile(killed.resolve("lock"));
        Files.writeString(killed.resolve("program"), "x");
        Path somethingElse = Files.createDirectory(temporary.resolve("event-time-sender-notes"));
        Path unrelated = Files.createDirectory(temporary.resolve("other"));

        try (NativeFolder first = NativeFolder.create(temporary);
                NativeFolder second = NativeFolder.create(temporary)) {
            assertThat(killed).doesNotExist();
            assertThat(first.path()).exists();
            assertThat(second.path()).exists();
            assertThat(somethingElse).exists();
            assertThat(unrelated).exists();
        }
    }

    @Test
    void aTemporaryFolderThatCannotBeWrittenIsNamed() {
        Path missing = temporary.resolve("missing");

        assertThatThrownBy(() -> NativeFolder.create(missing))
                .isInstanceOf(SenderFailedException.class)
                .hasMessage("the temporary folder " + missing
                        + " cannot be written (NoSuchFileException); name another one with -Djava.io.tmpdir=FOLDER");
    }
}
