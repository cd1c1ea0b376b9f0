package io.taxistream.local.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Forwards a request, or applies a fault to it. */
final class SearchProxyHandler implements HttpHandler {

    private static final Logger LOG = LoggerFactory.getLogger(SearchProxyHandler.class);

    /** Hop-by-hop headers, which belong to one connection rather than to the request. */
    private static final Set<String> HOP_BY_HOP_HEADERS = Set.of(
            "connection",
            "content-length",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private static final byte[] WEB_PAGE =
            "<html><body>Please come back later</body></html>".getBytes(StandardCharsets.UTF_8);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final SearchFaultRules rules;
    private final Optional<RequestCheck> check;
    private final ScheduledExecutorService timer;
    private final Supplier<URI> engine;

    /**
     * Creates a handler.
     *
     * @param timer sends delayed responses
     */
    SearchProxyHandler(
            Supplier<URI> engine,
            SearchFaultRules rules,
            Optional<RequestCheck> check,
            ScheduledExecutorService timer) {
        this.engine = engine;
        this.rules = rules;
        this.check = check;
        this.timer = timer;
    }

    /** A response. */
    @SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
    private record Answer(int status, Map<String, List<String>> headers, byte[] body) {

        static Answer json(int status, String body) {
            return new Answer(
                    status, Map.of("content-type", List.of("application/json")), body.getBytes(StandardCharsets.UTF_8));
        }

        Answer withBody(byte[] newBody) {
            return new Answer(status, headers, newBody);
        }
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try {
            serve(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.close();
        } catch (RuntimeException e) {
            LOG.error("Request {} failed", exchange.getRequestURI(), e);
            exchange.close();
        }
    }

    private void serve(HttpExchange exchange) throws IOException, InterruptedException {
        InputStream body = exchange.getRequestBody();
        if (check.isPresent()) {
            byte[] bytes = body.readAllBytes();
            Optional<String> refusal = check.get().refusal(request(exchange, bytes));
            if (refusal.isPresent()) {
                LOG.warn("Rejected {}: {}", exchange.getRequestURI(), refusal.get());
                send(exchange, Answer.json(403, "{\"message\":\"The request signature does not match\"}"));
                return;
            }
            body = new ByteArrayInputStream(bytes);
        }
        Optional<SearchFault> fault = rules.next(isBulk(exchange));
        if (fault.isPresent()) {
            fail(exchange, body, fault.get());
        } else {
            pass(exchange, body);
        }
    }

    private void pass(HttpExchange exchange, InputStream body) throws IOException, InterruptedException {
        HttpResponse<InputStream> response;
        try {
            response = ask(exchange, publisher(exchange, body), Set.of());
        } catch (IOException e) {
            send(exchange, badGateway(e));
            return;
        }
        try (InputStream answer = response.body()) {
            copyHeaders(response.headers().map(), exchange);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            long length = response.headers().firstValueAsLong("content-length").orElse(0);
            exchange.sendResponseHeaders(response.statusCode(), head ? -1 : length == 0 ? 0 : length);
            if (!head) {
                answer.transferTo(exchange.getResponseBody());
            }
        } finally {
            exchange.close();
        }
    }

    private void fail(HttpExchange exchange, InputStream body, SearchFault fault)
            throws IOException, InterruptedException {
        if (fault instanceof SearchFault.Status status) {
            if (status.executed()) {
                forward(exchange, publisher(exchange, body));
            } else {
                body.readAllBytes();
            }
            send(
                    exchange,
                    Answer.json(
                            status.status(),
                            "{\"error\":{\"type\":\"injected\",\"reason\":\"injected fault\"},\"status\":"
                                    + status.status() + "}"));
        } else if (fault instanceof SearchFault.RejectDocuments reject) {
            send(
                    exchange,
                    isBulk(exchange)
                            ? rejectDocuments(exchange, body, reject)
                            : forward(exchange, publisher(exchange, body)));
        } else if (fault instanceof SearchFault.TruncatedResponse) {
            sendTruncated(exchange, forward(exchange, publisher(exchange, body)));
        } else if (fault instanceof SearchFault.TruncatedBody) {
            Answer answer = forward(exchange, publisher(exchange, body));
            send(exchange, answer.withBody(Arrays.copyOf(answer.body(), answer.body().length / 2)));
        } else if (fault instanceof SearchFault.NotJson) {
            forward(exchange, publisher(exchange, body));
            send(exchange, new Answer(200, Map.of("content-type", List.of("text/html")), WEB_PAGE));
        } else if (fault instanceof SearchFault.DelayedResponse late) {
            Answer answer = forward(exchange, publisher(exchange, body));
            var unused =
                    timer.schedule(() -> sendLate(exchange, answer), late.time().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private Answer rejectDocuments(HttpExchange exchange, InputStream body, SearchFault.RejectDocuments fault)
            throws IOException, InterruptedException {
        boolean compressed =
                "gzip".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Content-Encoding"));
        byte[] plain = (compressed ? new GZIPInputStream(body) : body).readAllBytes();
        var lines = new BulkLines(plain, fault);
        if (lines.allRefused()) {
            Answer none = Answer.json(200, "");
            return none.withBody(lines.completed("{\"took\":0,\"errors\":true}".getBytes(StandardCharsets.UTF_8)));
        }
        Answer answer = forward(
                exchange, BodyPublishers.ofByteArray(lines.remaining()), Set.of("accept-encoding", "content-encoding"));
        return answer.status() / 100 == 2 ? answer.withBody(lines.completed(answer.body())) : answer;
    }

    /** Forwards the request and returns the response, uncompressed. */
    private Answer forward(HttpExchange exchange, BodyPublisher body) throws InterruptedException {
        return forward(exchange, body, Set.of("accept-encoding"));
    }

    private Answer forward(HttpExchange exchange, BodyPublisher body, Set<String> leftOut) throws InterruptedException {
        try {
            HttpResponse<InputStream> response = ask(exchange, body, leftOut);
            try (InputStream answer = response.body()) {
                return new Answer(response.statusCode(), response.headers().map(), answer.readAllBytes());
            }
        } catch (IOException e) {
            return badGateway(e);
        }
    }

    /**
     * Sends the request to the engine.
     *
     * @param leftOut lower-case names of headers that are not forwarded
     */
    private HttpResponse<InputStream> ask(HttpExchange exchange, BodyPublisher body, Set<String> leftOut)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(engine.get().toString().replaceFirst("/$", "") + exchange.getRequestURI()))
                .method(exchange.getRequestMethod(), body);
        exchange.getRequestHeaders().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP_HEADERS.contains(lower) && !leftOut.contains(lower)) {
                values.forEach(value -> request.header(name, value));
            }
        });
        return client.send(request.build(), BodyHandlers.ofInputStream());
    }

    private static BodyPublisher publisher(HttpExchange exchange, InputStream body) {
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        if (length == null && exchange.getRequestHeaders().getFirst("Transfer-Encoding") == null) {
            return BodyPublishers.noBody();
        }
        BodyPublisher stream = BodyPublishers.ofInputStream(() -> body);
        if (length == null) {
            return stream;
        }
        long bytes = Long.parseLong(length);
        return bytes == 0 ? BodyPublishers.noBody() : BodyPublishers.fromPublisher(stream, bytes);
    }

    private Answer badGateway(IOException e) {
        LOG.warn("The search engine at {} does not respond: {}", engine.get(), e.toString());
        return Answer.json(502, "{\"message\":\"the search engine does not respond\"}");
    }

    private static void sendTruncated(HttpExchange exchange, Answer answer) throws IOException {
        copyHeaders(answer.headers(), exchange);
        exchange.sendResponseHeaders(answer.status(), answer.body().length);
        exchange.getResponseBody().write(answer.body(), 0, answer.body().length / 2);
        exchange.getResponseBody().flush();
        // closes the connection, as the body is incomplete
        exchange.close();
    }

    private static void sendLate(HttpExchange exchange, Answer answer) {
        try {
            send(exchange, answer);
        } catch (IOException e) {
            // the client has timed out, which is the purpose of the delay
            LOG.debug("The client closed its connection before a delayed response", e);
            exchange.close();
        }
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        copyHeaders(answer.headers(), exchange);
        boolean noBody =
                answer.body().length == 0 || exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(answer.status(), noBody ? -1 : answer.body().length);
        if (!noBody) {
            exchange.getResponseBody().write(answer.body());
        }
        exchange.close();
    }

    private static void copyHeaders(Map<String, List<String>> headers, HttpExchange exchange) {
        headers.forEach((name, values) -> {
            if (!HOP_BY_HOP_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
    }

    private static RequestCheck.Request request(HttpExchange exchange, byte[] body) {
        Map<String, List<String>> headers = new TreeMap<>();
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
        URI uri = exchange.getRequestURI();
        return new RequestCheck.Request(
                exchange.getRequestMethod(), uri.getRawPath(), uri.getRawQuery(), headers, body);
    }

    private static boolean isBulk(HttpExchange exchange) {
        return exchange.getRequestURI().getPath().endsWith("/_bulk");
    }
}
