package io.taxistream.embeddedkinesis;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.RateControl;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP and HTTPS servers on the loopback interface. Each supports HTTP/1.1 and HTTP/2, negotiated by ALPN or with prior
 * knowledge, which the asynchronous clients of the AWS SDK use even over TLS.
 */
final class EndpointServers {

    private static final Logger LOG = LoggerFactory.getLogger(EndpointServers.class);

    private static final int BACKLOG = 256;
    private static final int MIN_THREADS = 8;
    private static final int MAX_THREADS = 256;
    private static final int THREAD_IDLE_MILLIS = 60_000;
    private static final int STOP_MILLIS = 1_000;
    private static final int INPUT_BUFFER_BYTES = 32 * 1024;
    private static final int MAX_REQUEST_HEADER_BYTES = 64 * 1024;
    /** Longer than a subscription, and longer than clients keep idle connections. */
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(10);

    private final Server server;
    private final ServerConnector http;
    private final ServerConnector https;

    private EndpointServers(Server server, ServerConnector http, ServerConnector https) {
        this.server = server;
        this.http = http;
        this.https = https;
    }

    /**
     * Creates the servers and binds their ports. They do not accept requests yet.
     *
     * @throws IOException if a port is in use
     */
    static EndpointServers create(int httpPort, int httpsPort, SSLContext tls, Failures failures) throws IOException {
        Server server = new Server(
                new Workers(failures),
                new ScheduledExecutorScheduler("embedded-kinesis-timer", true, null, failures.threads()),
                null);
        server.setErrorHandler(new ClosingErrorHandler());
        HttpConfiguration config = new HttpConfiguration();
        config.setSendServerVersion(false);
        config.setRequestHeaderSize(MAX_REQUEST_HEADER_BYTES);
        HttpConnectionFactory http1 = new HttpConnectionFactory(config);
        http1.setInputBufferSize(INPUT_BUFFER_BYTES);
        // "h2c" is HTTP/2 with prior knowledge, encrypted or not
        ConnectionFactory priorKnowledge = unlimited(new HTTP2CServerConnectionFactory(config));
        ServerConnector http = bind(server, "HTTP", httpPort, http1, priorKnowledge);
        try {
            SslContextFactory.Server ssl = new SslContextFactory.Server();
            ssl.setSslContext(tls);
            ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
            alpn.setDefaultProtocol(http1.getProtocol());
            ServerConnector https = bind(
                    server,
                    "HTTPS",
                    httpsPort,
                    new SslConnectionFactory(ssl, alpn.getProtocol()),
                    alpn,
                    unlimited(new HTTP2ServerConnectionFactory(config)),
                    http1,
                    priorKnowledge);
            return new EndpointServers(server, http, https);
        } catch (IOException e) {
            http.close();
            throw e;
        }
    }

    void start(Handler handler) throws IOException {
        server.setHandler(handler);
        try {
            server.start();
        } catch (Exception e) {
            stop();
            throw new IOException("the endpoint's servers cannot be started: " + e.getMessage(), e);
        }
    }

    int httpPort() {
        return http.getLocalPort();
    }

    int httpsPort() {
        return https.getLocalPort();
    }

    /** Closes the ports and all connections. */
    void stop() {
        http.close();
        https.close();
        try {
            server.stop();
        } catch (Exception e) {
            LOG.debug("The endpoint's servers did not stop cleanly", e);
        }
    }

    /** Disables rate limits meant for attackers: clients may open, reset and ping streams as often as they like. */
    private static <T extends AbstractHTTP2ServerConnectionFactory> T unlimited(T factory) {
        factory.setRateControlFactory(new RateControl.Factory() {});
        factory.setStreamIdleTimeout(IDLE_TIMEOUT.toMillis());
        return factory;
    }

    private static ServerConnector bind(Server server, String protocol, int port, ConnectionFactory... factories)
            throws IOException {
        ServerConnector connector = new ServerConnector(server, 1, 1, factories);
        connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        connector.setPort(port);
        connector.setAcceptQueueSize(BACKLOG);
        connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        server.addConnector(connector);
        try {
            connector.open();
        } catch (IOException e) {
            if (e instanceof BindException || e.getCause() instanceof BindException) {
                throw new IOException(
                        "Port " + port + " for Kinesis over " + protocol
                                + " is in use; choose another port, or 0 for any free port",
                        e);
            }
            throw e;
        }
        return connector;
    }

    /** Answers malformed requests and closes their connections, which Jetty leaves open for some. */
    private static final class ClosingErrorHandler extends ErrorHandler {

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            return super.handle(request, response, callback);
        }
    }

    /** Threads that handle requests. */
    private static final class Workers extends QueuedThreadPool {

        private final Failures failures;

        Workers(Failures failures) {
            super(MAX_THREADS, MIN_THREADS, THREAD_IDLE_MILLIS, -1, new LinkedBlockingQueue<>(), failures.threads());
            this.failures = failures;
            setName("embedded-kinesis");
            setDaemon(true);
            setStopTimeout(STOP_MILLIS);
        }

        @Override
        protected void runJob(Runnable job) {
            try {
                super.runJob(job);
            } catch (Error e) {
                failures.accept(e);
                throw e;
            }
        }
    }
}
