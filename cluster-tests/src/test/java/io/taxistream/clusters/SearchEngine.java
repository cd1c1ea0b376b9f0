package io.taxistream.clusters;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;

/** Stores the documents of bulk requests: all that the job needs of a search engine when nothing fails. */
final class SearchEngine implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);

    private final Map<String, Map<String, String>> indices = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    SearchEngine() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Returns the number of documents in an index. */
    int count(String index) {
        return indices.getOrDefault(index, Map.of()).size();
    }

    /** Returns the documents of an index, fields by name, sorted by id. */
    SortedMap<String, Map<String, Object>> documents(String index) throws IOException {
        SortedMap<String, Map<String, Object>> documents = new TreeMap<>();
        for (Map.Entry<String, String> document :
                indices.getOrDefault(index, Map.of()).entrySet()) {
            documents.put(document.getKey(), JSON.readValue(document.getValue(), new TypeReference<>() {}));
        }
        return documents;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange;
                InputStream in = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))
                        ? new GZIPInputStream(exchange.getRequestBody())
                        : exchange.getRequestBody()) {
            String body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            ObjectNode answer = exchange.getRequestURI().getPath().endsWith("/_bulk")
                    ? store(body)
                    : JSON.createObjectNode().put("acknowledged", true);
            byte[] bytes = JSON.writeValueAsBytes(answer);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private ObjectNode store(String body) throws IOException {
        ObjectNode answer = JSON.createObjectNode().put("errors", false);
        ArrayNode items = answer.putArray("items");
        String[] lines = body.split("\n", -1);
        for (int i = 0; i + 1 < lines.length; i += 2) {
            JsonNode target = JSON.readTree(lines[i]).get("index");
            String id = target.get("_id").textValue();
            indices.computeIfAbsent(target.get("_index").textValue(), index -> new ConcurrentHashMap<>())
                    .put(id, lines[i + 1]);
            items.addObject().putObject("index").put("_id", id).put("status", 200);
        }
        return answer;
    }
}
