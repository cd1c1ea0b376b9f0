package io.taxistream.producer;

import static java.util.Objects.requireNonNull;

import io.taxistream.commandline.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks the argument of {@code -rejects} before anything is opened, so that no file is truncated by mistake. */
final class RejectsFile {

    private RejectsFile() {}

    /**
     * @param data input file or folder, or {@code null} if the input is in a bucket
     * @throws UsageException if the file is part of the input, already exists or cannot be created
     */
    static void check(Path rejects, boolean overwrite, @Nullable Path data) {
        try {
            if (Files.isDirectory(rejects)) {
                throw wrong(rejects, "which is a folder; name a file");
            }
            if (Files.isSymbolicLink(rejects) && !Files.exists(rejects)) {
                throw wrong(rejects, "which is a link to a file that does not exist; name a file");
            }
            Path absolute = rejects.toAbsolutePath();
            Path folder = absolute.getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                throw wrong(rejects, "but there is no folder " + folder + "; create it or name another file");
            }
            boolean exists = Files.exists(rejects, LinkOption.NOFOLLOW_LINKS);
            if (data != null && Files.exists(data) && isInput(absolute, exists, data)) {
                throw wrong(rejects, "which is part of the input, -data " + data + "; name another file");
            }
            if (exists && Files.isRegularFile(rejects) && !overwrite) {
                throw wrong(rejects, "which already exists; name another file, or replace this one with -overwrite");
            }
        } catch (IOException | UncheckedIOException e) {
            throw new UsageException("-rejects is " + rejects + ", which cannot be checked: " + e.getMessage(), e);
        }
    }

    private static boolean isInput(Path rejects, boolean exists, Path data) throws IOException {
        if (!Files.isDirectory(data)) {
            return exists && Files.isSameFile(rejects, data);
        }
        Path file = exists
                ? rejects.toRealPath()
                : requireNonNull(rejects.getParent(), "a file is in a folder")
                        .toRealPath()
                        .resolve(rejects.getFileName());
        if (file.startsWith(data.toRealPath())) {
            return true;
        }
        if (!exists || !Files.isRegularFile(rejects)) {
            return false;
        }
        // compared by file key instead of path, because links may lead to the same file
        try (Stream<Path> files = Files.walk(data, FileVisitOption.FOLLOW_LINKS)) {
            for (Path each : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                if (Files.isSameFile(each, rejects)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static UsageException wrong(Path rejects, String reason) {
        return new UsageException("-rejects is " + rejects + ", " + reason);
    }
}
