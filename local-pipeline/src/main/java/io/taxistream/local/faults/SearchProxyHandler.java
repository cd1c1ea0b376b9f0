package io.taxistream.local.faults;

import io.taxistream.local.guard.BrowserGuard;
import io.taxistream.local.http.HttpCall;
import io.taxistream.local.http.HttpService;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
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

/**
 * Forwards a request, or applies a fault to it. Refuses requests from other web pages, which the search engine cannot recognise
 * behind a proxy.
 */
final class SearchProxyHandler implements HttpService {

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

    private static final String CONTENT_LENGTH = "Content-Length";

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
    public void answer(HttpCall call) throws IOException, InterruptedException {
        Optional<String> refusal = BrowserGuard.refusal(call.method(), call.target(), call::header);
        if (refusal.isPresent()) {
            call.setHeader("Content-Type", "text/plain; charset=utf-8");
            call.send(403, (refusal.get() + "\n").getBytes(StandardCharsets.UTF_8));
        } else if (!isPath(call.target())) {
            send(call, Answer.json(400, "{\"message\":\"the target of the request is not a path\"}"));
        } else {
            serve(call);
        }
    }

    /** Returns whether the client that forwards requests accepts a target; no search engine reads the others either. */
    private static boolean isPath(String target) {
        try {
            return target.startsWith("/") && new URI(target).getRawPath() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private void serve(HttpCall call) throws IOException, InterruptedException {
        InputStream body = call.body();
        if (check.isPresent()) {
            byte[] bytes = body.readAllBytes();
            Optional<String> refusal = check.get().refusal(request(call, bytes));
            if (refusal.isPresent()) {
                LOG.warn("Rejected {}: {}", call.target(), refusal.get());
                send(call, Answer.json(403, "{\"message\":\"The request signature does not match\"}"));
                return;
            }
            body = new ByteArrayInputStream(bytes);
        }
        Optional<SearchFault> fault = rules.next(isBulk(call));
        if (fault.isPresent()) {
            fail(call, body, fault.get());
        } else {
            pass(call, body);
        }
    }

    private void pass(HttpCall call, InputStream body) throws IOException, InterruptedException {
        HttpResponse<InputStream> response;
        try {
            response = ask(call, publisher(call, body), Set.of());
        } catch (IOException e) {
            send(call, badGateway(e));
            return;
        }
        copyHeaders(response.headers().map(), call);
        response.headers().firstValue(CONTENT_LENGTH).ifPresent(length -> call.setHeader(CONTENT_LENGTH, length));
        try (InputStream answer = response.body()) {
            call.send(response.statusCode(), answer);
        }
    }

    private void fail(HttpCall call, InputStream body, SearchFault fault) throws IOException, InterruptedException {
        if (fault instanceof SearchFault.Status status) {
            if (status.executed()) {
                forward(call, publisher(call, body));
            } else {
                body.readAllBytes();
            }
            send(
                    call,
                    Answer.json(
                            status.status(),
                            "{\"error\":{\"type\":\"injected\",\"reason\":\"injected fault\"},\"status\":"
                                    + status.status() + "}"));
        } else if (fault instanceof SearchFault.RejectDocuments reject) {
            send(call, isBulk(call) ? rejectDocuments(call, body, reject) : forward(call, publisher(call, body)));
        } else if (fault instanceof SearchFault.TruncatedResponse) {
            sendTruncated(call, forward(call, publisher(call, body)));
        } else if (fault instanceof SearchFault.TruncatedBody) {
            Answer answer = forward(call, publisher(call, body));
            send(call, answer.withBody(Arrays.copyOf(answer.body(), answer.body().length / 2)));
        } else if (fault instanceof SearchFault.NotJson) {
            forward(call, publisher(call, body));
            send(call, new Answer(200, Map.of("content-type", List.of("text/html")), WEB_PAGE));
        } else if (fault instanceof SearchFault.DelayedResponse late) {
            Answer answer = forward(call, publisher(call, body));
            var unused =
                    timer.schedule(() -> sendLate(call, answer), late.time().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private Answer rejectDocuments(HttpCall call, InputStream body, SearchFault.RejectDocuments fault)
            throws IOException, InterruptedException {
        boolean compressed = "gzip".equalsIgnoreCase(call.header("Content-Encoding"));
        byte[] plain = (compressed ? new GZIPInputStream(body) : body).readAllBytes();
        var lines = new BulkLines(plain, fault);
        if (lines.allRefused()) {
            Answer none = Answer.json(200, "");
            return none.withBody(lines.completed("{\"took\":0,\"errors\":true}".getBytes(StandardCharsets.UTF_8)));
        }
        Answer answer = forward(
                call, BodyPublishers.ofByteArray(lines.remaining()), Set.of("accept-encoding", "content-encoding"));
        return answer.status() / 100 == 2 ? answer.withBody(lines.completed(answer.body())) : answer;
    }

    /** Forwards the request and returns the response, uncompressed. */
    private Answer forward(HttpCall call, BodyPublisher body) throws InterruptedException {
        return forward(call, body, Set.of("accept-encoding"));
    }

    private Answer forward(HttpCall call, BodyPublisher body, Set<String> leftOut) throws InterruptedException {
        try {
            HttpResponse<InputStream> response = ask(call, body, leftOut);
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
    private HttpResponse<InputStream> ask(HttpCall call, BodyPublisher body, Set<String> leftOut)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(engine.get().toString().replaceFirst("/$", "") + call.target()))
                .method(call.method(), body);
        call.headers().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP_HEADERS.contains(lower) && !leftOut.contains(lower)) {
                values.forEach(value -> request.header(name, value));
            }
        });
        return client.send(request.build(), BodyHandlers.ofInputStream());
    }

    private static BodyPublisher publisher(HttpCall call, InputStream body) {
        String length = call.header(CONTENT_LENGTH);
        if (length == null && call.header("Transfer-Encoding") == null) {
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

    private static void sendTruncated(HttpCall call, Answer answer) throws IOException {
        copyHeaders(answer.headers(), call);
        call.sendTruncated(answer.status(), answer.body(), answer.body().length / 2);
    }

    private static void sendLate(HttpCall call, Answer answer) {
        try {
            send(call, answer);
        } catch (IOException e) {
            // the client has timed out, which is the purpose of the delay
            LOG.debug("The client closed its connection before a delayed response", e);
            call.abort();
        }
    }

    private static void send(HttpCall call, Answer answer) throws IOException {
        copyHeaders(answer.headers(), call);
        call.send(answer.status(), answer.body());
    }

    private static void copyHeaders(Map<String, List<String>> headers, HttpCall call) {
        headers.forEach((name, values) -> {
            if (!HOP_BY_HOP_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                call.setHeader(name, values);
            }
        });
    }

    private static RequestCheck.Request request(HttpCall call, byte[] body) {
        Map<String, List<String>> headers = new TreeMap<>();
        call.headers().forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
        return new RequestCheck.Request(call.method(), call.rawPath(), call.rawQuery(), headers, body);
    }

    private static boolean isBulk(HttpCall call) {
        return call.path().endsWith("/_bulk");
    }
}
