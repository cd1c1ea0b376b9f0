package io.taxistream.local.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.taxistream.local.guard.BrowserGuard;
import io.taxistream.local.http.HttpCall;
import io.taxistream.local.http.LoopbackServer;
import io.taxistream.local.page.PageFiles.PageFile;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
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

    private static final Logger LOG = LoggerFactory.getLogger(PageServer.class);

    /** Everything comes from this server except the map tiles, which the user may turn on. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'self'; img-src 'self' data:"
            + " https://tile.openstreetmap.org; object-src 'none'; base-uri 'none'; form-action 'none';"
            + " frame-ancestors 'none'";

    private final PipelineView pipeline;
    private final PageFiles files = new PageFiles();
    private final String token;
    private final LoopbackServer server;

    private PageServer(int port, PipelineView pipeline) throws IOException {
        this.pipeline = pipeline;
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        this.token = HexFormat.of().formatHex(random);
        this.server = LoopbackServer.start(port, "page-server", this::answer);
    }

    /**
     * Starts serving.
     *
     * @param port 0 for any free port
     * @throws java.net.BindException if the port is in use
     */
    public static PageServer start(int port, PipelineView pipeline) throws IOException {
        return new PageServer(port, pipeline);
    }

    /** Returns the address of the page. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.port() + "/");
    }

    @Override
    public void close() {
        server.close();
    }

    private void answer(HttpCall call) throws IOException, InterruptedException {
        try {
            Optional<String> refusal = BrowserGuard.foreignRefusal(call.target(), call::header);
            if (refusal.isPresent()) {
                refuse(call, 403, refusal.get());
                return;
            }
            switch (call.method()) {
                case "GET", "HEAD" -> get(call);
                case "POST" -> post(call);
                default -> refuse(call, 405, "method not allowed; use GET, HEAD or POST");
            }
        } catch (RuntimeException e) {
            LOG.error("{} {} failed", call.method(), call.target(), e);
            refuse(call, 500, "internal error; see the log");
        }
    }

    private void get(HttpCall call) throws IOException {
        String path = call.path();
        Optional<PageFile> file = files.file(path);
        if (path.equals("/") && file.isPresent()) {
            String page = new String(file.get().content(), StandardCharsets.UTF_8).replace(TOKEN_PLACEHOLDER, token);
            send(call, 200, file.get().type(), utf8(page));
        } else if (file.isPresent()) {
            send(call, 200, file.get().type(), file.get().content());
        } else if (path.equals("/api/status")) {
            send(call, 200, pipeline.status());
        } else if (path.equals("/metrics")) {
            send(call, 200, METRICS_TYPE, utf8(pipeline.metrics()));
        } else if (path.equals("/api/timeline")) {
            sendTimeline(call);
        } else if (path.equals("/api/map")) {
            sendMap(call);
        } else {
            refuse(call, 404, "not found; see /");
        }
    }

    private void sendTimeline(HttpCall call) throws IOException {
        Matcher query = query(call, TIMELINE);
        if (!query.matches()) {
            refuse(call, 400, "since=VERSION is missing; it must be a whole number, 0 for all steps");
            return;
        }
        Optional<TimeRange> range = query.group(2) == null
                ? Optional.empty()
                : Optional.of(new TimeRange(Long.parseLong(query.group(2)), Long.parseLong(query.group(3))));
        sendResults(call, () -> pipeline.timeline(Long.parseLong(query.group(1)), range));
    }

    private void sendMap(HttpCall call) throws IOException {
        Matcher query = query(call, MAP);
        if (!query.matches()) {
            refuse(call, 400, "until=TIMESTAMP and windows=N are required");
            return;
        }
        sendResults(call, () -> pipeline.map(Long.parseLong(query.group(1)), Integer.parseInt(query.group(2))));
    }

    /** Reads results. */
    private interface Results {
        JsonNode read() throws IOException;
    }

    private static void sendResults(HttpCall call, Results results) throws IOException {
        JsonNode json;
        try {
            json = results.read();
        } catch (IOException e) {
            refuse(call, 503, "the search engine does not respond: " + e.getMessage());
            return;
        }
        send(call, 200, json);
    }

    private void post(HttpCall call) throws IOException, InterruptedException {
        String path = call.path();
        Optional<ScalingAction> action =
                path.startsWith(SCALING) ? ScalingAction.ofPath(path.substring(SCALING.length())) : Optional.empty();
        if (action.isEmpty()) {
            refuse(call, 404, "no such action");
        } else if (!token.equals(call.header(TOKEN_HEADER))) {
            refuse(call, 403, "the page is from an earlier run; reload it");
        } else {
            scale(call, action.get());
        }
    }

    private void scale(HttpCall call, ScalingAction action) throws IOException, InterruptedException {
        Optional<Long> shards = number(call, SHARDS);
        if (action == ScalingAction.SET_SHARD_COUNT && shards.isEmpty()) {
            refuse(call, 400, "shards=N is missing; it must be a whole number");
            return;
        }
        String done;
        try {
            done = pipeline.scale(action, shards.map(Long::intValue).orElse(0));
        } catch (IllegalArgumentException e) {
            refuse(call, 409, String.valueOf(e.getMessage()));
            return;
        } catch (IOException e) {
            refuse(call, 503, String.valueOf(e.getMessage()));
            return;
        }
        send(call, 200, JSON.createObjectNode().put("message", done));
    }

    private static Optional<Long> number(HttpCall call, Pattern parameter) {
        Matcher matcher = query(call, parameter);
        return matcher.matches() ? Optional.of(Long.valueOf(matcher.group(1))) : Optional.empty();
    }

    private static Matcher query(HttpCall call, Pattern parameters) {
        String query = call.rawQuery();
        return parameters.matcher(query == null ? "" : query);
    }

    private static void refuse(HttpCall call, int code, String why) throws IOException {
        send(call, code, "text/plain", utf8(why + "\n"));
    }

    private static void send(HttpCall call, int code, JsonNode body) throws IOException {
        send(call, code, "application/json", JSON.writeValueAsBytes(body));
    }

    private static void send(HttpCall call, int code, String type, byte[] body) throws IOException {
        call.setHeader("Content-Type", type + "; charset=utf-8");
        call.setHeader("Cache-Control", "no-store");
        call.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
        call.setHeader("X-Content-Type-Options", "nosniff");
        call.setHeader("Cross-Origin-Resource-Policy", "same-origin");
        call.send(code, body);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
