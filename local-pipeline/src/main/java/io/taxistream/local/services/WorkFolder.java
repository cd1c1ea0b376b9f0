package io.taxistream.local.services;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** A temporary folder for one run; closing deletes it with its contents. */
public final class WorkFolder implements AutoCloseable {

    private final Path path;

    private WorkFolder(Path path) {
        this.path = path;
    }

    public static WorkFolder create() throws IOException {
        return create(Path.of(System.getProperty("java.io.tmpdir")));
    }

    static WorkFolder create(Path temporary) throws IOException {
        if (!Files.isDirectory(temporary) || !Files.isWritable(temporary)) {
            throw new IOException("the temporary folder %s %s; set another one with TMPDIR=FOLDER"
                    .formatted(temporary, Files.isDirectory(temporary) ? "cannot be written" : "does not exist"));
        }
        return new WorkFolder(Files.createTempDirectory(temporary, "taxi-stream-"));
    }

    public Path path() {
        return path;
    }

    /** Returns a subfolder, created if it does not exist. */
    public Path folder(String name) throws IOException {
        return Files.createDirectories(path.resolve(name));
    }

    @Override
    public void close() throws IOException {
        if (Files.exists(path)) {
            remove(path);
        }
    }

    /** Deletes a folder with its contents. */
    static void remove(Path folder) throws IOException {
        Files.walkFileTree(folder, new Deletion());
    }

    /** Deletes files bottom-up; does not follow links, and ignores files that have already been deleted. */
    private static final class Deletion extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
            if (e != null) {
                throw e;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
