package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.taxistream.local.batch.BatchComputation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Compares the documents of the search engine with those of a batch computation. */
public final class Documents {

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);
    private static final ObjectReader FIELDS = JSON.readerFor(new TypeReference<Map<String, Object>>() {});

    private Documents() {}

    /** Fails unless an export folder contains exactly the documents of the batch computation, in order. */
    static void assertEqual(Path export, BatchComputation batch) throws IOException {
        assertEqual(read(export.resolve("pickup-count.ndjson")), batch.pickupCounts());
        assertEqual(read(export.resolve("trip-duration.ndjson")), batch.tripDurations());
    }

    /** Fails unless the documents of an index equal the expected ones, of which there must be at least one. */
    static void assertEqual(Map<String, Map<String, Object>> documents, Map<String, Map<String, Object>> expected) {
        assertThat(expected).as("documents expected").isNotEmpty();
        Set<String> ids = new TreeSet<>(documents.keySet());
        ids.addAll(expected.keySet());
        Map<String, String> differences = new LinkedHashMap<>();
        for (String id : ids) {
            Map<String, Object> document = documents.get(id);
            if (!expected.getOrDefault(id, Map.of()).equals(document)) {
                differences.put(id, document + " instead of " + expected.get(id));
            }
        }
        assertThat(differences)
                .as("documents that differ, of %d", expected.size())
                .isEmpty();
        assertThat(documents.keySet()).as("ids in their order").containsExactlyElementsOf(expected.keySet());
    }

    private static Map<String, Map<String, Object>> read(Path file) throws IOException {
        Map<String, Map<String, Object>> documents = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            JsonNode document = JSON.readTree(line);
            documents.put(document.get("_id").textValue(), FIELDS.readValue(document.get("_source")));
        }
        return documents;
    }
}
