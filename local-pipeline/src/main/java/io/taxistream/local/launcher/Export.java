package io.taxistream.local.launcher;

import static io.taxistream.local.services.JsonHttp.JSON;

import io.taxistream.local.services.SearchClient;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes an index to a file: one line {@code {"_id":…,"_source":{…}}} per document, sorted by id in the order of UTF-16 code
 * units, so that exports of the same documents are identical.
 */
public final class Export {

    static final String PICKUP_COUNT_FILE = "pickup-count.ndjson";
    static final String TRIP_DURATION_FILE = "trip-duration.ndjson";

    private final SearchClient search;
    private final int runLength;

    public Export(SearchClient search) {
        this(search, DocumentSorter.DEFAULT_RUN_LENGTH);
    }

    /**
     * Creates an export.
     *
     * @param runLength number of characters to hold in memory; more are sorted in temporary files
     */
    Export(SearchClient search, int runLength) {
        this.search = search;
        this.runLength = runLength;
    }

    /**
     * Writes all documents of an index, replacing an existing file.
     *
     * @return number of documents written
     * @throws IOException if the search engine cannot be read or a file cannot be written
     */
    public long write(String index, Path file) throws IOException {
        try (DocumentSorter sorter = new DocumentSorter(runLength)) {
            read(index, sorter);
            Files.createDirectories(file.toAbsolutePath().getParent());
            AtomicLong written = new AtomicLong();
            try (BufferedWriter out = Files.newBufferedWriter(file)) {
                sorter.forEach(document -> {
                    out.write("{\"_id\":" + JSON.writeValueAsString(document.id()) + ",\"_source\":" + document.source()
                            + "}\n");
                    written.incrementAndGet();
                });
            }
            return written.get();
        }
    }

    private void read(String index, DocumentSorter sorter) throws IOException {
        try {
            search.forEachDocument(index, (id, source) -> {
                try {
                    sorter.add(id, source.toString());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
