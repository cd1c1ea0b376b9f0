package io.taxistream.local.launcher;

import static io.taxistream.local.services.JsonHttp.JSON;

import io.taxistream.local.services.SearchClient;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes an index to a file: a line {@code {"_id":…,"_source":{…}}} a document, sorted by id in the order of UTF-16 code
 * units, so that two exports with the same documents are the same bytes.
 */
public final class Export {

    static final String PICKUP_COUNT_FILE = "pickup-count.ndjson";
    static final String TRIP_DURATION_FILE = "trip-duration.ndjson";

    private final SearchClient search;

    public Export(SearchClient search) {
        this.search = search;
    }

    /**
     * Writes all documents of an index; an existing file is replaced.
     *
     * @return how many documents were written
     * @throws IOException if the search engine cannot be read or the file cannot be written
     */
    public int write(String index, Path file) throws IOException {
        var sourceById = new TreeMap<String, String>();
        search.forEachDocument(index, (id, source) -> sourceById.put(id, source.toString()));
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (Map.Entry<String, String> document : sourceById.entrySet()) {
                out.write("{\"_id\":" + JSON.writeValueAsString(document.getKey()) + ",\"_source\":"
                        + document.getValue() + "}\n");
            }
        }
        return sourceById.size();
    }
}
