package io.taxistream.local.data;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link GeneratedDay} in a file that is kept for later runs until the program changes. */
public final class CachedDay {

    private static final Logger LOG = LoggerFactory.getLogger(CachedDay.class);

    private static final String NAME = "yellow_tripdata_" + GeneratedDay.DATE + ".csv.gz";

    private CachedDay() {}

    /**
     * Returns the file, generating it if there is none.
     *
     * @param cache folder in which the file is kept; need not exist or be writable
     * @param scratch existing folder for a new file
     */
    public static Path get(long seed, Path cache, Path scratch) throws IOException {
        Path kept = cache.resolve("day-" + seed).resolve(NAME);
        if (Files.isReadable(kept)
                && Files.getLastModifiedTime(kept).toInstant().isAfter(programTime())) {
            return kept;
        }
        Path file = scratch.resolve(NAME);
        try {
            new GeneratedDay(seed).writeTo(file);
        } catch (IOException e) {
            throw new IOException("the day of trips could not be generated: " + e.getMessage(), e);
        }
        keep(file, kept);
        return file;
    }

    /** Keeps a copy of the file, complete or not at all. */
    private static void keep(Path file, Path kept) {
        try {
            Path folder = Files.createDirectories(requireNonNull(kept.getParent(), "the file is in a folder"));
            Path incomplete = Files.createTempFile(folder, NAME, ".tmp");
            try {
                Files.copy(file, incomplete, StandardCopyOption.REPLACE_EXISTING);
                Files.move(incomplete, kept, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(incomplete);
            }
        } catch (IOException e) {
            LOG.info("The generated day could not be kept for later runs in {}", kept, e);
        }
    }

    /** Returns when the jar or folder of this class was last modified. */
    private static Instant programTime() throws IOException {
        try {
            Path program = Path.of(CachedDay.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return Files.getLastModifiedTime(program).toInstant();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the location of this class is not a file", e);
        }
    }
}
