package io.taxistream.embeddedkinesis;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLContext;

/** The servers for HTTP and HTTPS on the loopback interface. All use of the JDK's server starts here. */
final class EndpointServers {

    static {
        // The JDK's server reads these when its first class is loaded, which this class does. Without the first, every
        // answer on a connection that is kept open waits 40 ms for the client's delayed acknowledgement. Without the
        // second, connections that a client keeps for a minute are closed after 30 s.
        setDefaultProperty("sun.net.httpserver.nodelay", "true");
        setDefaultProperty("sun.net.httpserver.idleInterval", "300");
    }

    private static final int BACKLOG = 256;

    private final HttpServer http;
    private final HttpsServer https;

    private EndpointServers(HttpServer http, HttpsServer https) {
        this.http = http;
        this.https = https;
    }

    /**
     * Creates the servers, which bind their ports and answer nothing yet.
     *
     * @param threads the group of the threads that the servers start
     * @throws IOException if a port is taken
     */
    static EndpointServers create(int httpPort, int httpsPort, SSLContext tls, ThreadGroup threads) throws IOException {
        return in(threads, () -> {
            HttpServer http = bind(HttpServer.create(), "HTTP", httpPort);
            try {
                HttpsServer https = bind(HttpsServer.create(), "HTTPS", httpsPort);
                https.setHttpsConfigurator(new HttpsConfigurator(tls));
                return new EndpointServers(http, https);
            } catch (IOException e) {
                http.stop(0);
                throw e;
            }
        });
    }

    void start(HttpHandler handler, Executor workers, ThreadGroup threads) throws IOException {
        in(threads, () -> {
            for (HttpServer server : List.of(http, https)) {
                server.setExecutor(workers);
                server.createContext("/", handler);
                server.start();
            }
            return this;
        });
    }

    int httpPort() {
        return http.getAddress().getPort();
    }

    int httpsPort() {
        return https.getAddress().getPort();
    }

    /** Closes the ports and all connections. */
    void stop() {
        http.stop(0);
        https.stop(0);
    }

    /** The JDK's server starts threads of its own, which belong to the group of the thread that creates it. */
    private static <T> T in(ThreadGroup threads, ServerTask<T> task) throws IOException {
        FutureTask<T> result = new FutureTask<>(task::run);
        Thread thread = new Thread(threads, result, "embedded-kinesis-start");
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof IOException cause) {
                        throw new IOException(cause.getMessage(), cause);
                    }
                    throw new IllegalStateException("the endpoint's servers cannot be started", e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @FunctionalInterface
    private interface ServerTask<T> {
        T run() throws IOException;
    }

    private static <T extends HttpServer> T bind(T server, String protocol, int port) throws IOException {
        try {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
            return server;
        } catch (BindException e) {
            throw new IOException(
                    "Port " + port + " for Kinesis over " + protocol
                            + " is taken; choose another, or 0 for any free one",
                    e);
        }
    }

    private static void setDefaultProperty(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
