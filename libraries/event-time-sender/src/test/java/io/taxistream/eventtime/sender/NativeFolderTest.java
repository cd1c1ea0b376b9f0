package io.taxistream.eventtime.sender;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFolderTest {

    @TempDir
    private Path temporary;

    @Test
    void isAccessibleOnlyToItsOwner() throws IOException {
        try (NativeFolder folder = NativeFolder.create(temporary)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void leavesNoFiles() throws IOException {
        try (NativeFolder folder = NativeFolder.create(temporary)) {
            Files.createDirectories(folder.path().resolve("a/b"));
            Files.writeString(folder.path().resolve("a/b/c"), "d");
        }

        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void isSharedByTheSendersOfAJvm() throws Exception {
        assertThat(outputOf(TwoSenders.class).distinct())
                .singleElement(STRING)
                .startsWith(temporary + File.separator + "event-time-sender-");
        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void isReplacedIfItWasDeletedAndTheLibraryHasCreatedItAnew() throws Exception {
        assertThat(outputOf(DeletedFolder.class)).hasSize(2).doesNotHaveDuplicates();
        assertThat(temporary).isEmptyDirectory();
    }

    /** Runs a program in a JVM of its own, and returns the lines that it prints. */
    private Stream<String> outputOf(Class<?> program) throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        program.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(jvm.getInputStream().readAllBytes(), UTF_8);
        assertThat(jvm.waitFor()).as(output).isZero();
        return output.lines();
    }

    /** Uses the folder twice. */
    static final class TwoSenders {

        private TwoSenders() {}

        public static void main(String[] args) {
            System.out.println(NativeFolder.ofThisJvm().path());
            System.out.println(NativeFolder.ofThisJvm().path());
        }
    }

    /** Uses the folder before and after it is deleted, as by a program that cleans temporary folders. */
    static final class DeletedFolder {

        private DeletedFolder() {}

        public static void main(String[] args) throws IOException {
            Path folder = NativeFolder.ofThisJvm().path();
            System.out.println(folder);
            Files.delete(folder.resolve("lock"));
            Files.delete(folder);
            Files.createDirectory(folder);
            System.out.println(NativeFolder.ofThisJvm().path());
        }
    }

    @Test
    void removesOnlyFoldersOfKilledSenders() throws IOException {
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
    void unwritableTemporaryFolderIsNamed() {
        Path missing = temporary.resolve("missing");

        assertThatThrownBy(() -> NativeFolder.create(missing))
                .isInstanceOf(SenderFailedException.class)
                .hasMessage("the temporary folder " + missing
                        + " cannot be written (NoSuchFileException); set another one with -Djava.io.tmpdir=FOLDER");
    }
}
