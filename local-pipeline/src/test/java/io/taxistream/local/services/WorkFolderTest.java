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
        WorkFolder.remove(work.path());

        work.close();

        assertThat(work.path()).doesNotExist();
    }

    @Test
    void foldersOfKilledRunsAreRemoved() throws IOException {
        Path abandoned = Files.createDirectory(elsewhere.resolve("taxi-stream-1"));
        Files.writeString(Files.createDirectory(abandoned.resolve("data")).resolve("trips.csv"), "left behind");
        Files.writeString(abandoned.resolve(WorkFolder.LOCK), "1\n");
        Path unmarked = Files.createDirectory(elsewhere.resolve("taxi-stream-2"));
        Path other = Files.createDirectory(elsewhere.resolve("other"));
        Files.writeString(other.resolve(WorkFolder.LOCK), "1\n");
        Path link = Files.createSymbolicLink(elsewhere.resolve("taxi-stream-3"), other);

        try (WorkFolder work = WorkFolder.create(elsewhere)) {
            assertThat(abandoned).doesNotExist();
            assertThat(unmarked).isDirectory();
            assertThat(other.resolve(WorkFolder.LOCK)).exists();
            assertThat(link).isSymbolicLink();
            assertThat(work.path().resolve(WorkFolder.LOCK))
                    .hasContent(Long.toString(ProcessHandle.current().pid()));
        }
    }

    @Test
    void foldersOfRunningProcessesStay() throws Exception {
        Process running = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        elsewhere.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (WorkFolder own = WorkFolder.create(elsewhere)) {
            Path folder = Path.of(running.inputReader().readLine());

            WorkFolder.create(elsewhere).close();

            assertThat(folder).isDirectory();
            assertThat(own.path()).isDirectory();

            running.destroyForcibly().waitFor();
            WorkFolder.create(elsewhere).close();

            assertThat(folder).doesNotExist();
            assertThat(own.path()).isDirectory();
        } finally {
            running.destroyForcibly();
        }
    }

    /** Creates a folder, prints its path, and holds it until the process is killed. */
    static final class Holder {

        private Holder() {}

        public static void main(String[] args) throws Exception {
            WorkFolder work = WorkFolder.create(Path.of(args[0]));
            System.out.println(work.path());
            // ends with the test, too
            System.in.read();
        }
    }

    @Test
    void missingTemporaryFolderIsReportedWithARemedy() {
        Path missing = elsewhere.resolve("missing");

        assertThatThrownBy(() -> WorkFolder.create(missing))
                .isInstanceOf(IOException.class)
                .hasMessage("the temporary folder " + missing + " does not exist; set another one with TMPDIR=FOLDER");
    }
}
