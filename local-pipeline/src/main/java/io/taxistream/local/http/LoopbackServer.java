package io.taxistream.local.http;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.time.Duration;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * An HTTP/1.1 server on the loopback address. All requests go to one service, except those that are not HTTP or whose target is
 * not one: the server answers these with status 400 or the like, and closes the connection.
 *
 * <p>Jetty and not the server of the JDK, which closes the connection without an answer on some malformed requests, and holds a
 * thread for each half-sent one.
 */
public final class LoopbackServer implements AutoCloseable {

    /** The services decide on paths, and a proxy must forward those that servers could read differently, such as %25. */
    private static final UriCompliance PATHS = UriCompliance.DEFAULT.with(
            "any path",
            Violation.AMBIGUOUS_PATH_SEGMENT,
            Violation.AMBIGUOUS_EMPTY_SEGMENT,
            Violation.AMBIGUOUS_PATH_SEPARATOR,
            Violation.AMBIGUOUS_PATH_PARAMETER,
            Violation.AMBIGUOUS_PATH_ENCODING);

    private static final int BACKLOG = 256;
    private static final int MAX_THREADS = 256;
    private static final int MIN_THREADS = 4;
    private static final Duration THREAD_IDLE_TIME = Duration.ofSeconds(30);

    /** Longer than clients keep idle connections: otherwise a connection is closed while a client uses it. */
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);

    /** Time for requests in progress to complete when the server stops. */
    private static final Duration STOP_TIMEOUT = Duration.ofMillis(200);

    private final Server server;
    private final ServerConnector connector;

    private LoopbackServer(Server server, ServerConnector connector) {
        this.server = server;
        this.connector = connector;
    }

    /**
     * Starts a server.
     *
     * @param port 0 for any free port
     * @param threadName name of the threads that answer requests
     * @throws BindException if the port is in use
     */
    public static LoopbackServer start(int port, String threadName, HttpService service) throws IOException {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS, (int) THREAD_IDLE_TIME.toMillis());
        threads.setName(threadName);
        threads.setDaemon(true);
        threads.setStopTimeout(STOP_TIMEOUT.toMillis());
        Server server = new Server(threads);
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setUriCompliance(PATHS);
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration));
        connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        connector.setPort(port);
        connector.setAcceptQueueSize(BACKLOG);
        connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        server.addConnector(connector);
        server.setHandler(new ServiceHandler(service));
        server.setErrorHandler(new ClosingErrorHandler());
        LoopbackServer loopback = new LoopbackServer(server, connector);
        try {
            connector.open();
            server.start();
        } catch (Exception e) {
            loopback.close();
            throw e.getCause() instanceof BindException inUse
                    ? inUse
                    : e instanceof IOException io ? io : new IOException("the server cannot be started: " + e, e);
        }
        return loopback;
    }

    /** Returns the port that the server listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Stops listening and closes all connections. */
    @Override
    public void close() {
        connector.close();
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the server did not stop cleanly: " + e, e);
        }
    }

    /** Answers malformed requests and closes their connections, which Jetty leaves open for some. */
    private static final class ClosingErrorHandler extends ErrorHandler {

        ClosingErrorHandler() {
            setShowStacks(false);
            setShowCauses(false);
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            return super.handle(request, response, callback);
        }
    }

    /** Passes requests to the service. */
    private static final class ServiceHandler extends Handler.Abstract {

        private final HttpService service;

        ServiceHandler(HttpService service) {
            this.service = service;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws IOException {
            HttpCall call = new HttpCall(request, response, callback);
            try {
                if (HttpMethod.CONNECT.is(request.getMethod())) {
                    call.refuseTunnel();
                } else {
                    service.answer(call);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                call.abort();
            }
            return true;
        }
    }
}
