package io.taxistream.local.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.taxistream.local.faults.SearchFault.BulkDocument;
import io.taxistream.local.faults.SearchFault.RejectDocuments;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Body of a bulk request from which some documents are removed, and into whose response their errors are inserted. */
final class BulkLines {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** One operation: its name, its document, its lines, and whether it is rejected. */
    private record Operation(String name, BulkDocument document, String lines, boolean refused) {}

    private final List<Operation> operations = new ArrayList<>();
    private final RejectDocuments fault;

    /**
     * Parses the body of a bulk request.
     *
     * @throws IOException if it is not one
     */
    BulkLines(byte[] body, RejectDocuments fault) throws IOException {
        this.fault = fault;
        Iterator<String> lines = new String(body, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .iterator();
        while (lines.hasNext()) {
            String action = lines.next();
            Map.Entry<String, JsonNode> operation =
                    JSON.readTree(action).properties().iterator().next();
            var document = new BulkDocument(
                    operation.getValue().path("_index").asText(""),
                    operation.getValue().path("_id").asText(""));
            String source = operation.getKey().equals("delete") ? "" : lines.next() + "\n";
            operations.add(new Operation(
                    operation.getKey(),
                    document,
                    action + "\n" + source,
                    fault.documents().test(document)));
        }
    }

    /** Returns the number of rejected documents. */
    private long refused() {
        return operations.stream().filter(Operation::refused).count();
    }

    /** Whether there is nothing left to forward. */
    boolean allRefused() {
        return operations.stream().allMatch(Operation::refused);
    }

    /** Returns the body without the rejected documents. */
    byte[] remaining() {
        StringBuilder body = new StringBuilder();
        operations.stream()
                .filter(operation -> !operation.refused())
                .forEach(operation -> body.append(operation.lines()));
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Returns the response for all documents.
     *
     * @param answer response of the engine for the remaining ones
     */
    byte[] completed(byte[] answer) throws IOException {
        JsonNode tree = JSON.readTree(answer);
        Iterator<JsonNode> forwarded = tree.path("items").iterator();
        ObjectNode all = tree.isObject() ? (ObjectNode) tree : JSON.createObjectNode();
        ArrayNode items = JSON.createArrayNode();
        for (Operation operation : operations) {
            if (operation.refused()) {
                refusal(items.addObject().putObject(operation.name()), operation.document());
            } else {
                items.add(forwarded.next());
            }
        }
        all.put("errors", all.path("errors").asBoolean() || refused() > 0);
        all.set("items", items);
        return JSON.writeValueAsBytes(all);
    }

    private void refusal(ObjectNode item, BulkDocument document) {
        item.put("_index", document.index()).put("_id", document.id()).put("status", fault.status());
        item.putObject("error")
                .put("type", fault.errorType())
                .put("reason", "rejected before it reached the search engine");
    }
}
