package io.taxistream.producer.input;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A file, or all files of a folder and its subfolders except hidden ones. */
public final class FileStore implements InputStore {

    private final Path root;

    /**
     * @param fileOrFolder the argument of {@code -data}
     */
    public FileStore(Path fileOrFolder) {
        this.root = fileOrFolder;
    }

    @Override
    public List<InputObject> list() {
        if (Files.isSymbolicLink(root) && !Files.exists(root)) {
            throw new InputFailedException(
                    "-data " + root + " is a link to a file that does not exist; name a file or a folder with trips");
        }
        if (!Files.exists(root)) {
            throw new InputFailedException("-data " + root + " does not exist; name a file or a folder with trips");
        }
        if (!Files.isDirectory(root) && !Files.isRegularFile(root)) {
            throw new InputFailedException("-data " + root
                    + " is a pipe, a socket or a device; save its content to a regular file and name that");
        }
        if (!Files.isDirectory(root)) {
            return List.of(object(
                    root, keyIn(requireNonNull(root.toAbsolutePath().getParent(), "a file is in a folder"), root)));
        }
        List<InputObject> objects = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String key = keyIn(root, file);
                if (Files.isRegularFile(file) && !HiddenFiles.isHidden(key) && Files.size(file) > 0) {
                    objects.add(object(file, key));
                } else if (!Files.exists(file) && !HiddenFiles.isHidden(key)) {
                    throw new InputFailedException(
                            file + " is a link to a file that does not exist; restore the file or remove the link");
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw new InputFailedException("-data " + root + " cannot be listed: " + reason(e), e);
        }
        if (objects.isEmpty()) {
            throw new InputFailedException("-data " + root
                    + " contains only empty or hidden files, or none; name a file or a folder with trips");
        }
        objects.sort(Comparator.comparing(InputObject::key));
        return objects;
    }

    @Override
    public void close() {
        // closed by the reader
    }

    /**
     * Returns the path of a file in a folder, separated by slashes. It is derived from the bytes of the name, because
     * under the locale C non-ASCII characters become question marks, and ids depend on keys.
     */
    private static String keyIn(Path folder, Path file) {
        String whole = file.toUri().getRawPath();
        String beginning = folder.toUri().getRawPath();
        String path = whole.substring(beginning.endsWith("/") ? beginning.length() : beginning.length() + 1);
        return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static InputObject object(Path file, String key) {
        try {
            return new InputObject(key, Files.size(file), (from, to) -> open(file, from));
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
                file + " cannot be read (" + IoFailureReason.of(e) + "); check that it exists and is readable", e);
    }

    private static String reason(Exception e) {
        IOException cause = e instanceof UncheckedIOException unchecked
                ? requireNonNull(unchecked.getCause(), "never without a cause")
                : (IOException) e;
        return cause instanceof FileSystemException system
                ? SingleLine.of(String.valueOf(system.getFile())) + ", " + IoFailureReason.of(cause)
                : IoFailureReason.of(cause);
    }
}
