package io.taxistream.search;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores dead letters in files, one JSON object per line. A file is complete when {@link #write} returns, and is never modified
 * afterwards.
 */
final class DeadLetterFolder {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterFolder.class);

    private final String folder;

    /** @param folder on any file system supported by Flink, such as {@code s3://bucket/dead} or {@code file:///var/dead} */
    DeadLetterFolder(String folder) {
        this.folder = folder;
    }

    /**
     * Creates and deletes an empty file, so that a job detects an unusable folder at startup rather than at its first dead
     * letter. For a bucket, this takes two requests.
     *
     * @throws SearchSinkException if the file system is unknown or the folder is not writable
     */
    void requireWritable() throws SearchSinkException {
        Path probe = new Path(folder, ".probe-" + UUID.randomUUID());
        FileSystem files;
        try {
            files = probe.getFileSystem();
            files.create(probe, WriteMode.NO_OVERWRITE).close();
        } catch (IOException | RuntimeException e) {
            throw new SearchSinkException(
                    "dead letters cannot be written to folder " + folder + ": " + firstLine(e)
                            + "; choose a folder on a file system that Flink supports and the task managers can write"
                            + " to",
                    e);
        }
        try {
            files.delete(probe, false);
        } catch (IOException e) {
            LOG.info("The empty file {}, written to test the folder, cannot be deleted", probe, e);
        }
    }

    private static String firstLine(Exception e) {
        return e.toString().lines().findFirst().orElse("");
    }

    /** @throws SearchSinkException if the dead letters could not be written */
    void write(List<SearchDocument> letters) throws SearchSinkException {
        Path file = new Path(folder, "dead-letters-" + UUID.randomUUID() + ".ndjson");
        try (FSDataOutputStream out = file.getFileSystem().create(file, WriteMode.NO_OVERWRITE)) {
            for (SearchDocument letter : letters) {
                out.write(letter.source());
                out.write('\n');
            }
        } catch (IOException e) {
            throw new SearchSinkException(
                    letters.size() + " documents rejected by the search engine could not be written to " + file + ": "
                            + e + "; check that the task managers can write to this folder",
                    e);
        }
    }
}
