package io.taxistream.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** A search engine over HTTP that keeps documents in a map, and fails in the ways that real ones do when told to. */
final class FakeSearchEngine implements AutoCloseable {

    static final String THROTTLED = """
            {"error":{"type":"es_rejected_execution_exception","reason":"queue is full"},"status":429}""";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** One document of a bulk request. */
    record Document(String index, String id, String source) {}

    /** A bulk request as it came over the wire. */
    record Bulk(Map<String, List<String>> headers, List<Document> documents) {}

    /** Answers a bulk request in the engine's place. */
    interface Fault {
        void answer(HttpExchange exchange, List<Document> documents) throws IOException;
    }

    /** What the engine says to one document instead of storing it. */
    record Refusal(int status, String type, String reason) {}

    final Map<String, String> stored = new ConcurrentHashMap<>();
    /** All that was ever stored, by index and id. */
    final Map<String, List<String>> versions = new ConcurrentHashMap<>();

    final List<Bulk> bulks = new CopyOnWriteArrayList<>();
    final Map<String, String> templates = new ConcurrentHashMap<>();
    final Map<String, Refusal> mappingRefusals = new ConcurrentHashMap<>();
    final List<String> puts = new CopyOnWriteArrayList<>();
    final List<String> signatureRefusals = new CopyOnWriteArrayList<>();
    volatile SigV4Verifier verifier;
    volatile long maxBodyBytes = Long.MAX_VALUE;

    private record Rule(Predicate<Document> documents, Refusal refusal) {}

    private record Lasting(BooleanSupplier condition, Fault fault) {}

    private final List<Lasting> lasting = new CopyOnWriteArrayList<>();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> putStatuses = new ConcurrentLinkedQueue<>();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final int port;
    private HttpServer server;

    FakeSearchEngine() {
        port = listen(0);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    void stopListening() {
        server.stop(0);
    }

    void rebind() {
        listen(port);
    }

    private int listen(int wantedPort) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wantedPort), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    /** The next bulk requests meet these, one each; later ones are answered as usual. */
    void failNextRequests(Fault... next) {
        faults.addAll(List.of(next));
    }

    /** Bulk requests meet this as long as the condition holds. */
    void failWhile(BooleanSupplier condition, Fault fault) {
        lasting.add(new Lasting(condition, fault));
    }

    /** The next requests other than bulk requests are answered with these statuses. */
    void answerNextPutsWith(Integer... statuses) {
        putStatuses.addAll(List.of(statuses));
    }

    void refuse(Predicate<Document> documents, int status, String type, String reason) {
        rules.add(new Rule(documents, new Refusal(status, type, reason)));
    }

    /** The sources stored in an index, by id. */
    Map<String, String> index(String index) {
        Map<String, String> documents = new TreeMap<>();
        stored.forEach((key, source) -> {
            if (key.startsWith(index + "/")) {
                documents.put(key.substring(index.length() + 1), source);
            }
        });
        return documents;
    }

    static Fault status(int status, String body) {
        return (exchange, documents) -> send(exchange, status, body.getBytes(StandardCharsets.UTF_8));
    }

    /** Documents are answered with these refusals, and treated as usual where there is none. */
    Fault answering(Function<Document, Optional<Refusal>> refusals) {
        return (exchange, documents) -> send(exchange, 200, process(documents, refusals));
    }

    /** All is done, but the connection breaks down in the middle of the answer. */
    Fault cutConnection() {
        return (exchange, documents) -> {
            byte[] body = process(documents, document -> Optional.empty());
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body, 0, body.length / 2);
            exchange.getResponseBody().flush();
            server.stop(0);
            rebind();
        };
    }

    /** All is done, but half of the answer is missing. */
    Fault truncatedJson() {
        return (exchange, documents) -> {
            byte[] body = process(documents, document -> Optional.empty());
            send(exchange, 200, Arrays.copyOf(body, body.length / 2));
        };
    }

    /** All is done, but the answer is about one document fewer. */
    Fault answerWithOneLess() {
        return (exchange, documents) -> {
            ObjectNode body = (ObjectNode) JSON.readTree(process(documents, document -> Optional.empty()));
            ((ArrayNode) body.get("items")).remove(0);
            send(exchange, 200, JSON.writeValueAsBytes(body));
        };
    }

    /** Nothing is stored, and the answers come in another order than the documents. */
    Fault answersInAnotherOrder() {
        return (exchange, documents) -> {
            List<Document> reversed = new ArrayList<>(documents);
            Collections.reverse(reversed);
            ObjectNode body = JSON.createObjectNode().put("errors", false);
            ArrayNode items = body.putArray("items");
            for (Document document : reversed) {
                items.addObject().putObject("index").put("_id", document.id()).put("status", 201);
            }
            send(exchange, 200, JSON.writeValueAsBytes(body));
        };
    }

    /** All is done, but there is no answer. */
    Fault silence() {
        return (exchange, documents) -> {
            process(documents, document -> Optional.empty());
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** All is done, but not before something else has happened. */
    Fault answeringAfter(CountDownLatch event) {
        return (exchange, documents) -> {
            try {
                event.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            send(exchange, 200, process(documents, document -> Optional.empty()));
        };
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Map<String, List<String>> headers = new TreeMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
        URI uri = exchange.getRequestURI();
        if (verifier != null) {
            Optional<String> refusal = verifier.refusal(new SigV4Verifier.Request(
                    exchange.getRequestMethod(), uri.getRawPath(), uri.getRawQuery(), headers, body));
            if (refusal.isPresent()) {
                signatureRefusals.add(refusal.get());
                send(
                        exchange,
                        403,
                        "{\"message\":\"The request signature does not match\"}".getBytes(StandardCharsets.UTF_8));
                return;
            }
        }
        if (uri.getPath().endsWith("/_bulk")) {
            handleBulk(exchange, headers, body);
        } else {
            handlePut(exchange, uri.getRawPath(), new String(body, StandardCharsets.UTF_8));
        }
    }

    private void handleBulk(HttpExchange exchange, Map<String, List<String>> headers, byte[] body) throws IOException {
        List<Document> documents = documents(plain(headers, body));
        bulks.add(new Bulk(headers, documents));
        Fault fault = lasting.stream()
                .filter(each -> each.condition().getAsBoolean())
                .map(Lasting::fault)
                .findFirst()
                .orElseGet(faults::poll);
        if (fault != null) {
            fault.answer(exchange, documents);
        } else if (plain(headers, body).length > maxBodyBytes) {
            send(exchange, 413, new byte[0]);
        } else if (documents.stream().anyMatch(document -> document.id().length() > 512)) {
            send(exchange, 400, """
                    {"error":{"type":"action_request_validation_exception","reason":"id is too long"},"status":400}""".getBytes(StandardCharsets.UTF_8));
        } else {
            send(
                    exchange,
                    200,
                    process(
                            documents,
                            document -> rules.stream()
                                    .filter(rule -> rule.documents().test(document))
                                    .map(Rule::refusal)
                                    .findFirst()));
        }
    }

    private void handlePut(HttpExchange exchange, String path, String body) throws IOException {
        Integer status = putStatuses.poll();
        if (status != null) {
            send(exchange, status, new byte[0]);
            return;
        }
        puts.add(path);
        String name = path.split("/", -1)[1];
        if (path.startsWith("/_index_template/")) {
            templates.put(path.substring("/_index_template/".length()), body);
        } else if (mappingRefusals.containsKey(name)) {
            Refusal refusal = mappingRefusals.get(name);
            send(exchange, refusal.status(), JSON.writeValueAsBytes(Map.of("error", refusal)));
            return;
        }
        send(exchange, 200, "{\"acknowledged\":true}".getBytes(StandardCharsets.UTF_8));
    }

    private byte[] process(List<Document> documents, Function<Document, Optional<Refusal>> refusals)
            throws IOException {
        ObjectNode response = JSON.createObjectNode();
        ArrayNode items = response.putArray("items");
        boolean errors = false;
        for (Document document : documents) {
            ObjectNode item = items.addObject().putObject("index").put("_id", document.id());
            Optional<Refusal> refusal = refusals.apply(document)
                    .or(() -> rules.stream()
                            .filter(rule -> rule.documents().test(document))
                            .map(Rule::refusal)
                            .findFirst());
            if (refusal.isPresent()) {
                errors = true;
                item.put("status", refusal.get().status())
                        .putObject("error")
                        .put("type", refusal.get().type())
                        .put("reason", refusal.get().reason());
            } else {
                String key = document.index() + "/" + document.id();
                versions.computeIfAbsent(key, first -> new CopyOnWriteArrayList<>())
                        .add(document.source());
                String before = stored.put(key, document.source());
                item.put("status", before == null ? 201 : 200);
            }
        }
        response.put("errors", errors);
        return JSON.writeValueAsBytes(response);
    }

    private static List<Document> documents(byte[] body) throws IOException {
        List<String> lines = new String(body, StandardCharsets.UTF_8).lines().toList();
        List<Document> documents = new ArrayList<>();
        for (int i = 0; i < lines.size(); i += 2) {
            JsonNode target = JSON.readTree(lines.get(i)).get("index");
            documents.add(new Document(
                    target.get("_index").asText(), target.get("_id").asText(), lines.get(i + 1)));
        }
        return documents;
    }

    private static byte[] plain(Map<String, List<String>> headers, byte[] body) throws IOException {
        boolean compressed = Stream.ofNullable(headers.get("content-encoding"))
                .flatMap(List::stream)
                .anyMatch("gzip"::equals);
        return compressed ? new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes() : body;
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
