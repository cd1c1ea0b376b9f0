package io.taxistream.local;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
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
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.zip.GZIPInputStream;

/**
 * Stand-in for a search engine in tests of many jobs: accepts bulk requests that index whole documents, and keeps the last
 * document of each id.
 */
final class BulkEndpoint implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectReader FIELDS = new ObjectMapper()
            .enable(DeserializationFeature.USE_LONG_FOR_INTS)
            .readerFor(new TypeReference<Map<String, Object>>() {});

    private final HttpServer server;
    private final Map<String, SortedMap<String, Map<String, Object>>> indices = new ConcurrentHashMap<>();

    private BulkEndpoint(HttpServer server) {
        this.server = server;
    }

    /** Starts on any free port of the loopback address. */
    static BulkEndpoint start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        BulkEndpoint endpoint = new BulkEndpoint(server);
        server.createContext("/", endpoint::answer);
        server.start();
        return endpoint;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Returns the documents of an index by id; empty if nothing was written to it. */
    SortedMap<String, Map<String, Object>> documents(String index) {
        return new TreeMap<>(indices.getOrDefault(index, new TreeMap<>()));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            // all other requests concern index templates
            byte[] answer = exchange.getRequestURI().getPath().equals("/_bulk")
                    ? index(body(exchange))
                    : "{\"acknowledged\":true}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private static String body(HttpExchange exchange) throws IOException {
        boolean compressed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
        try (InputStream body =
                compressed ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private byte[] index(String bulk) throws IOException {
        ObjectNode answer = JSON.createObjectNode().put("errors", false);
        ArrayNode items = answer.putArray("items");
        String[] lines = bulk.split("\n", -1);
        for (int line = 0; line + 1 < lines.length; line += 2) {
            JsonNode target = JSON.readTree(lines[line]).get("index");
            String id = target.get("_id").textValue();
            indices.computeIfAbsent(target.get("_index").textValue(), name -> new ConcurrentSkipListMap<>())
                    .put(id, FIELDS.readValue(lines[line + 1]));
            items.addObject().putObject("index").put("_id", id).put("status", 200);
        }
        return JSON.writeValueAsBytes(answer);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
