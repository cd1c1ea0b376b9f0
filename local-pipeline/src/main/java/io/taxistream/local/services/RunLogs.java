package io.taxistream.local.services;

import io.taxistream.local.status.Messages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Log folders of the last runs, one per run, so that runs do not overwrite each other's logs. */
public final class RunLogs {

    /** Environment variable with the parent folder of the log folders, in place of the one inside the checkout. */
    public static final String FOLDER_VARIABLE = "TAXI_STREAM_LOGS";

    /** Number of log folders that are kept, including that of the current run. */
    static final int KEPT = 10;

    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss");
    private static final Pattern NAMES = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d(?:-\\d+)?");

    private RunLogs() {}

    /**
     * Creates a log folder for a run, such as {@code 2026-11-28T22-40-03}, and deletes all but the latest ones.
     *
     * @param parent created if it does not exist
     * @throws LocalPipelineException if the folder cannot be created; the message says what to do
     */
    public static Path create(Path parent, LocalDateTime start) throws LocalPipelineException {
        Path folder;
        try {
            Files.createDirectories(parent);
            folder = newFolder(parent, NAME.format(start));
        } catch (IOException e) {
            throw new LocalPipelineException(
                    "logs cannot be written to %s (%s); run as a user with write access, or set another with %s=FOLDER"
                            .formatted(parent, Messages.ofRootCause(e), FOLDER_VARIABLE),
                    e);
        }
        removeOldest(parent, folder);
        return folder;
    }

    private static Path newFolder(Path parent, String name) throws IOException {
        int number = 1;
        while (true) {
            try {
                return Files.createDirectory(parent.resolve(number == 1 ? name : name + "-" + number));
            } catch (FileAlreadyExistsException e) {
                // another run has started in the same second
                number++;
            }
        }
    }

    private static void removeOldest(Path parent, Path newest) {
        List<Path> removed = new ArrayList<>();
        try (Stream<Path> children = Files.list(parent)) {
            children.filter(child ->
                            NAMES.matcher(child.getFileName().toString()).matches() && !child.equals(newest))
                    .sorted(Comparator.comparing(RunLogs::lastWritten).reversed())
                    .skip(KEPT - 1)
                    .forEach(removed::add);
            for (Path folder : removed) {
                WorkFolder.remove(folder);
            }
        } catch (IOException | UncheckedIOException e) {
            // The logs belong to another user, or another run is deleting them: no reason for this run to fail.
            return;
        }
    }

    /** Returns the time of the last write in a folder, so that a run still in progress does not count as old. */
    private static FileTime lastWritten(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            FileTime last = Files.getLastModifiedTime(folder);
            for (Path file : (Iterable<Path>) files::iterator) {
                FileTime written = Files.getLastModifiedTime(file);
                last = written.compareTo(last) > 0 ? written : last;
            }
            return last;
        } catch (IOException | UncheckedIOException e) {
            // deleted by another run, or unreadable: the first to delete
            return FileTime.fromMillis(0);
        }
    }
}
