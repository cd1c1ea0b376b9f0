package io.taxistream.search;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/**
 * Keeps dead letters in files, one JSON object a line. A file is complete when {@link #write} returns, and is not touched
 * again.
 */
final class DeadLetterFolder {

    private final String folder;

    /** @param folder on any file system that Flink has, such as {@code s3://bucket/dead} or {@code file:///var/dead} */
    DeadLetterFolder(String folder) {
        this.folder = folder;
    }

    /** @throws SearchSinkException if the letters could not be written */
    void write(List<SearchDocument> letters) throws SearchSinkException {
        Path file = new Path(folder, "dead-letters-" + UUID.randomUUID() + ".ndjson");
        try (FSDataOutputStream out = file.getFileSystem().create(file, WriteMode.NO_OVERWRITE)) {
            for (SearchDocument letter : letters) {
                out.write(letter.source());
                out.write('\n');
            }
        } catch (IOException e) {
            throw new SearchSinkException(
                    letters.size() + " documents that the search engine refused could not be kept in " + file + ": " + e
                            + "; check that the task managers may write to this folder",
                    e);
        }
    }
}
