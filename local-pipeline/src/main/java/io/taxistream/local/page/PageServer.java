package io.taxistream.local.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.taxistream.local.guard.BrowserGuard;
import io.taxistream.local.http.HttpServers;
import io.taxistream.local.page.PageFiles.PageFile;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the page on the loopback address, and its data as JSON: {@code /api/status}, {@code
 * /api/timeline?since=VERSION[&from=TIMESTAMP&to=TIMESTAMP]}, {@code /api/map?until=TIMESTAMP&windows=N}, by POST {@code
 * /api/scaling/ACTION}; and at {@code /metrics} the job's metrics for Prometheus.
 *
 * <p>Protected from other web pages in the same browser: requests for another host's name and from another origin are refused,
 * except for links to the page, and a POST needs the token that is embedded in the page.
 */
public final class PageServer implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Placeholder in the page for the token of this run. */
    private static final String TOKEN_PLACEHOLDER = "{{token}}";

    private static final String TOKEN_HEADER = "X-Page-Token";
    private static final Pattern TIMELINE =
            Pattern.compile("since=(\\d{1,18})(?:&from=(-?\\d{1,15})&to=(-?\\d{1,15}))?");
    private static final Pattern MAP = Pattern.compile("until=(-?\\d{1,15})&windows=(\\d{1,6})");
    private static final Pattern SHARDS = Pattern.compile("shards=(\\d{1,6})");
    /** Prometheus' text format. */
    private static final String METRICS_TYPE = "text/plain; version=0.0.4";

    private static final String SCALING = "/api/scaling/";

    /** Maximum number of threads; a client that sends half a request blocks one until the server gives up on it. */
    private static final int MAX_THREADS = 256;

    private static final Duration THREAD_IDLE_TIME = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(PageServer.class);

    /** Everything comes from this server except the map tiles, which the user may turn on. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'self'; img-src 'self' data:"
            + " https://tile.openstreetmap.org; object-src 'none'; base-uri 'none'; form-action 'none';"
            + " frame-ancestors 'none'";

    private final HttpServer server;
    private final ExecutorService executor;
    private final PipelineView pipeline;
    private final PageFiles files;
    private final String token;

    private PageServer(HttpServer server, ExecutorService executor, PipelineView pipeline, PageFiles files) {
        this.server = server;
        this.executor = executor;
        this.pipeline = pipeline;
        this.files = files;
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        this.token = HexFormat.of().formatHex(random);
    }

    /**
     * Starts serving.
     *
     * @param port 0 for any free port
     * @throws java.net.BindException if the port is in use
     */
    public static PageServer start(int port, PipelineView pipeline) throws IOException {
        HttpServer server = HttpServers.create(port);
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                MAX_THREADS,
                MAX_THREADS,
                THREAD_IDLE_TIME.toSeconds(),
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> {
                    Thread thread = new Thread(task, "page-server");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        var page = new PageServer(server, executor, pipeline, new PageFiles());
        server.setExecutor(executor);
        server.createContext("/", page::answer);
        server.start();
        return page;
    }

    /** Returns the address of the page. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Optional<String> refusal = BrowserGuard.foreignRefusal(
                    exchange.getRequestURI().toString(),
                    name -> exchange.getRequestHeaders().getFirst(name));
            if (refusal.isPresent()) {
                refuse(exchange, 403, refusal.get());
                return;
            }
            switch (exchange.getRequestMethod()) {
                case "GET", "HEAD" -> get(exchange);
                case "POST" -> post(exchange);
                default -> refuse(exchange, 405, "method not allowed; use GET, HEAD or POST");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("{} {} failed", exchange.getRequestMethod(), exchange.getRequestURI(), e);
            refuse(exchange, 500, "internal error; see the log");
        }
    }

    private void get(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        Optional<PageFile> file = files.file(path);
        if (path.equals("/") && file.isPresent()) {
            String page = new String(file.get().content(), StandardCharsets.UTF_8).replace(TOKEN_PLACEHOLDER, token);
            send(exchange, 200, file.get().type(), utf8(page));
        } else if (file.isPresent()) {
            send(exchange, 200, file.get().type(), file.get().content());
        } else if (path.equals("/api/status")) {
            send(exchange, 200, pipeline.status());
        } else if (path.equals("/metrics")) {
            send(exchange, 200, METRICS_TYPE, utf8(pipeline.metrics()));
        } else if (path.equals("/api/timeline")) {
            sendTimeline(exchange);
        } else if (path.equals("/api/map")) {
            sendMap(exchange);
        } else {
            refuse(exchange, 404, "not found; see /");
        }
    }

    private void sendTimeline(HttpExchange exchange) throws IOException {
        Matcher query = query(exchange, TIMELINE);
        if (!query.matches()) {
            refuse(exchange, 400, "since=VERSION is missing; it must be a whole number, 0 for all steps");
            return;
        }
        Optional<TimeRange> range = query.group(2) == null
                ? Optional.empty()
                : Optional.of(new TimeRange(Long.parseLong(query.group(2)), Long.parseLong(query.group(3))));
        sendResults(exchange, () -> pipeline.timeline(Long.parseLong(query.group(1)), range));
    }

    private void sendMap(HttpExchange exchange) throws IOException {
        Matcher query = query(exchange, MAP);
        if (!query.matches()) {
            refuse(exchange, 400, "until=TIMESTAMP and windows=N are required");
            return;
        }
        sendResults(exchange, () -> pipeline.map(Long.parseLong(query.group(1)), Integer.parseInt(query.group(2))));
    }

    /** Reads results. */
    private interface Results {
        JsonNode read() throws IOException;
    }

    private static void sendResults(HttpExchange exchange, Results results) throws IOException {
        JsonNode json;
        try {
            json = results.read();
        } catch (IOException e) {
            refuse(exchange, 503, "the search engine does not respond: " + e.getMessage());
            return;
        }
        send(exchange, 200, json);
    }

    private void post(HttpExchange exchange) throws IOException, InterruptedException {
        String path = exchange.getRequestURI().getPath();
        Optional<ScalingAction> action =
                path.startsWith(SCALING) ? ScalingAction.ofPath(path.substring(SCALING.length())) : Optional.empty();
        if (action.isEmpty()) {
            refuse(exchange, 404, "no such action");
        } else if (!token.equals(exchange.getRequestHeaders().getFirst(TOKEN_HEADER))) {
            refuse(exchange, 403, "the page is from an earlier run; reload it");
        } else {
            scale(exchange, action.get());
        }
    }

    private void scale(HttpExchange exchange, ScalingAction action) throws IOException, InterruptedException {
        Optional<Long> shards = number(exchange, SHARDS);
        if (action == ScalingAction.SET_SHARD_COUNT && shards.isEmpty()) {
            refuse(exchange, 400, "shards=N is missing; it must be a whole number");
            return;
        }
        String done;
        try {
            done = pipeline.scale(action, shards.map(Long::intValue).orElse(0));
        } catch (IllegalArgumentException e) {
            refuse(exchange, 409, String.valueOf(e.getMessage()));
            return;
        } catch (IOException e) {
            refuse(exchange, 503, String.valueOf(e.getMessage()));
            return;
        }
        send(exchange, 200, JSON.createObjectNode().put("message", done));
    }

    private static Optional<Long> number(HttpExchange exchange, Pattern parameter) {
        Matcher matcher = query(exchange, parameter);
        return matcher.matches() ? Optional.of(Long.valueOf(matcher.group(1))) : Optional.empty();
    }

    private static Matcher query(HttpExchange exchange, Pattern parameters) {
        String query = exchange.getRequestURI().getQuery();
        return parameters.matcher(query == null ? "" : query);
    }

    private static void refuse(HttpExchange exchange, int code, String why) throws IOException {
        send(exchange, code, "text/plain", utf8(why + "\n"));
    }

    private static void send(HttpExchange exchange, int code, JsonNode body) throws IOException {
        send(exchange, code, "application/json", JSON.writeValueAsBytes(body));
    }

    private static void send(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.getResponseHeaders().set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders().set("Cross-Origin-Resource-Policy", "same-origin");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(code, -1);
            return;
        }
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
