package io.taxistream.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;
import java.util.zip.GZIPInputStream;

/** A fake search engine that records the bulk requests of the sink, acknowledges them and stores nothing. */
final class RecordedBulks implements AutoCloseable {

    /**
     * A bulk request as sent.
     *
     * @param target path and query
     * @param body compressed body
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Bulk(String target, byte[] body) {}

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Bulk> bulks = Collections.synchronizedList(new ArrayList<>());
    private final HttpServer server;

    RecordedBulks() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    URI endpoint() {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    /** Returns the requests so far, in order. */
    List<Bulk> bulks() {
        return List.copyOf(bulks);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            bulks.add(new Bulk(exchange.getRequestURI().toString(), body));
            byte[] yes = acceptAll(body).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, yes.length);
            exchange.getResponseBody().write(yes);
        }
    }

    private static String acceptAll(byte[] body) throws IOException {
        String text;
        try (var plain = new GZIPInputStream(new ByteArrayInputStream(body))) {
            text = new String(plain.readAllBytes(), StandardCharsets.UTF_8);
        }
        StringJoiner items = new StringJoiner(",", "{\"errors\":false,\"items\":[", "]}");
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i += 2) {
            items.add("{\"index\":{\"_id\":" + JSON.readTree(lines.get(i)).at("/index/_id") + ",\"status\":201}}");
        }
        return items.toString();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
