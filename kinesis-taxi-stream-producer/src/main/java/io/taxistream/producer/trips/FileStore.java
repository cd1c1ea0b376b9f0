package io.taxistream.producer.trips;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A file, or all files of a folder and its subfolders but the hidden ones. */
public final class FileStore implements TripStore {

    private final Path root;

    /** @param fileOrFolder what {@code -data} names */
    public FileStore(Path fileOrFolder) {
        this.root = fileOrFolder;
    }

    @Override
    public List<TripObject> list() {
        if (!Files.exists(root)) {
            throw new InputFailedException("-data " + root + " does not exist; name a file or a folder with trips");
        }
        if (!Files.isDirectory(root)) {
            return List.of(object(root, String.valueOf(root.getFileName())));
        }
        List<TripObject> objects = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path relative = root.relativize(file);
                if (Files.isRegularFile(file) && !isHidden(relative) && Files.size(file) > 0) {
                    objects.add(object(file, relative.toString().replace('\\', '/')));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new InputFailedException("-data " + root + " cannot be listed: " + e.getMessage(), e);
        }
        if (objects.isEmpty()) {
            throw new InputFailedException("-data " + root + " holds no files; name a file or a folder with trips");
        }
        objects.sort(Comparator.comparing(TripObject::key));
        return objects;
    }

    @Override
    public void close() {
        // files are closed by whoever reads them
    }

    private static boolean isHidden(Path relative) {
        for (Path name : relative) {
            if (name.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    private static TripObject object(Path file, String key) {
        try {
            return new TripObject(key, Files.size(file), (from, to) -> open(file, from));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static InputStream open(Path file, long from) {
        try {
            InputStream in = Files.newInputStream(file);
            in.skipNBytes(from);
            return in;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static InputFailedException unreadable(Path file, IOException e) {
        return new InputFailedException(
                file + " cannot be read (" + e.getClass().getSimpleName()
                        + "); check that it exists and its permissions",
                e);
    }
}
