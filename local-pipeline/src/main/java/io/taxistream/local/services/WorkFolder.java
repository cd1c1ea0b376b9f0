package io.taxistream.local.services;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A temporary folder for one run; closing deletes it with its contents.
 *
 * <p>A killed process leaves its folder behind, and the next run of the same user deletes it. A folder is in use while a process
 * holds the lock on its file {@value #LOCK}; the lock ends with the process.
 */
public final class WorkFolder implements AutoCloseable {

    static final String PREFIX = "taxi-stream-";

    /** Contains the id of the process. */
    static final String LOCK = "launcher.pid";

    private static final Logger LOG = LoggerFactory.getLogger(WorkFolder.class);

    /** Folders of this process, which must not even open their files: closing a file releases the process's locks on it. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel lock;

    private WorkFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    public static WorkFolder create() throws IOException {
        return create(Path.of(System.getProperty("java.io.tmpdir")));
    }

    static WorkFolder create(Path temporary) throws IOException {
        if (!Files.isDirectory(temporary) || !Files.isWritable(temporary)) {
            throw new IOException("the temporary folder %s %s; set another one with TMPDIR=FOLDER"
                    .formatted(temporary, Files.isDirectory(temporary) ? "cannot be written" : "does not exist"));
        }
        removeAbandoned(temporary);
        Path path = Files.createTempDirectory(temporary, PREFIX);
        OWN.add(path);
        return new WorkFolder(path, lock(path));
    }

    /** Locks a new folder. The file gets its name once it is locked, so that no other process finds it unlocked. */
    private static FileChannel lock(Path folder) throws IOException {
        Path unlocked = folder.resolve(LOCK + ".tmp");
        FileChannel channel = FileChannel.open(unlocked, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            channel.write(
                    StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"));
            channel.lock();
            Files.move(unlocked, folder.resolve(LOCK), StandardCopyOption.ATOMIC_MOVE);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Deletes the folders that killed processes of this user have left behind, as far as possible. */
    private static void removeAbandoned(Path temporary) throws IOException {
        List<Path> folders;
        try (Stream<Path> files = Files.list(temporary)) {
            folders = files.filter(file -> file.getFileName().toString().startsWith(PREFIX))
                    .filter(file -> Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                    .filter(file -> !OWN.contains(file))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path folder : folders) {
            try {
                if (isAbandoned(folder)) {
                    remove(folder);
                }
            } catch (IOException | UncheckedIOException e) {
                LOG.info("The folder {} of an earlier run could not be deleted", folder, e);
            }
        }
    }

    private static boolean isAbandoned(Path folder) throws IOException {
        Path file = folder.resolve(LOCK);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !isOwn(folder) || !isOwn(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // A folder of this process, under another path.
            return false;
        }
    }

    private static boolean isOwn(Path file) throws IOException {
        return Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).getName().equals(System.getProperty("user.name"));
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
        try (lock) {
            if (Files.exists(path)) {
                remove(path);
            }
        } finally {
            OWN.remove(path);
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
