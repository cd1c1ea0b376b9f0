package io.taxistream.eventtime.sender;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Private directory for the native process of the Kinesis Producer Library, inside the temporary directory. Other users can
 * neither read nor replace the executables in it. It is deleted when the JVM exits; directories left by killed JVMs are deleted
 * by the next one.
 *
 * <p>All senders of a JVM share one directory, even if they do not run at the same time: the library monitors the files of
 * every producer until the JVM exits and logs an error per minute for each missing file.
 */
final class NativeFolder implements AutoCloseable {

    private static final String PREFIX = "event-time-sender-";

    /** Locked while the directory is in use. */
    private static final String LOCK = "lock";

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private static @Nullable NativeFolder shared;

    private final Path folder;
    private final FileChannel lock;

    private NativeFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * Returns the directory of this JVM, creating it for the first sender.
     *
     * @throws SenderFailedException if executables cannot be written to it or run from it
     */
    static synchronized NativeFolder ofThisJvm() {
        NativeFolder current = shared;
        if (current == null || !current.isIntact()) {
            current = create(Path.of(System.getProperty("java.io.tmpdir")));
            Runtime.getRuntime().addShutdownHook(new Thread(current::close, "remove-kpl-folder"));
            shared = current;
        }
        return current;
    }

    static NativeFolder create(Path temporary) {
        removeAbandoned(temporary);
        NativeFolder created;
        try {
            Path folder = Files.createTempDirectory(temporary, PREFIX, ownerOnly());
            FileChannel lock =
                    FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            FileLock unused = lock.lock();
            created = new NativeFolder(folder, lock);
        } catch (IOException e) {
            throw new SenderFailedException(
                    "the temporary folder " + temporary + " cannot be written (" + reason(e) + "); " + advice(), e);
        }
        try {
            created.requireExecutables();
            return created;
        } catch (IOException e) {
            created.close();
            throw new SenderFailedException(
                    "programs cannot run from the temporary folder " + temporary + " (" + reason(e)
                            + "), which may be mounted with noexec; " + advice(),
                    e);
        }
    }

    /** Whether the directory has not been deleted. One without the lock is a new one, which the library has made for its pipes. */
    private boolean isIntact() {
        return Files.exists(folder.resolve(LOCK));
    }

    Path path() {
        return folder;
    }

    /** Deletes the directory and its contents. */
    @Override
    public void close() {
        try {
            lock.close();
            remove(folder);
        } catch (IOException | UncheckedIOException e) {
            // The next sender tries again.
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        return POSIX
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
    }

    /** Checks that executables can run: the library would otherwise restart its process endlessly without an error message. */
    private void requireExecutables() throws IOException {
        if (!POSIX) {
            return;
        }
        Path program = folder.resolve("probe");
        Files.writeString(program, "#!/bin/sh\nexit 0\n");
        Files.setPosixFilePermissions(program, OWNER_ONLY);
        try {
            new ProcessBuilder(program.toString()).start().destroy();
        } finally {
            Files.delete(program);
        }
    }

    private static void removeAbandoned(Path temporary) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, PREFIX + "*")) {
            for (Path folder : folders) {
                if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) && isAbandoned(folder)) {
                    remove(folder);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // Owned by another user, or being deleted by another sender.
        }
    }

    private static boolean isAbandoned(Path folder) {
        try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (IOException | OverlappingFileLockException e) {
            // Owned by another user, incomplete, or in use by a sender of this JVM.
            return false;
        }
    }

    private static void remove(Path folder) throws IOException {
        List<Path> contents = new ArrayList<>();
        try (Stream<Path> found = Files.walk(folder)) {
            found.sorted(Comparator.reverseOrder()).forEach(contents::add);
        }
        for (Path each : contents) {
            Files.deleteIfExists(each);
        }
    }

    private static String reason(IOException e) {
        String message = String.valueOf(e.getMessage());
        int error = message.indexOf("error=");
        return error < 0 ? e.getClass().getSimpleName() : message.substring(error);
    }

    private static String advice() {
        return "set another one with -Djava.io.tmpdir=FOLDER";
    }
}
