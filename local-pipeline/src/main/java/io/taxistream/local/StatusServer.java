package io.taxistream.local;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Serves the status of the pipeline on the loopback address: a page for people, {@code /api/status} for programs. */
final class StatusServer implements AutoCloseable {

    private static final String PAGE = "status.html";

    private final HttpServer server;
    private final ExecutorService executor;
    private final PipelineStatus status;
    private final byte[] page;

    private StatusServer(HttpServer server, ExecutorService executor, PipelineStatus status, byte[] page) {
        this.server = server;
        this.executor = executor;
        this.status = status;
        this.page = page;
    }

    /**
     * Starts serving.
     *
     * @param port 0 for any that is free
     * @throws LocalPipelineException if the port is taken
     */
    static StatusServer start(int port, PipelineStatus status) throws IOException, LocalPipelineException {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (BindException e) {
            throw new LocalPipelineException(
                    "--port " + port + ": the port is taken by another program; choose another, or 0 for any free one",
                    e);
        }
        ExecutorService executor = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "status-server");
            thread.setDaemon(true);
            return thread;
        });
        var statusServer = new StatusServer(server, executor, status, readPage());
        server.setExecutor(executor);
        server.createContext("/", statusServer::answer);
        server.start();
        return statusServer;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (!exchange.getRequestMethod().equals("GET")) {
                send(exchange, 405, "text/plain", utf8("only GET is answered here\n"));
            } else if (path.equals("/")) {
                send(exchange, 200, "text/html", page);
            } else if (path.equals("/api/status")) {
                send(exchange, 200, "application/json", utf8(status.toJson().toString()));
            } else {
                send(exchange, 404, "text/plain", utf8("there is nothing here; see /\n"));
            }
        }
    }

    private static void send(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type + "; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] readPage() throws IOException {
        try (InputStream in = StatusServer.class.getResourceAsStream(PAGE)) {
            if (in == null) {
                throw new IOException("the resource " + PAGE + " is missing");
            }
            return in.readAllBytes();
        }
    }
}
