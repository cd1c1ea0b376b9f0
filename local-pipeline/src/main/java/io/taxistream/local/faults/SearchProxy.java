package io.taxistream.local.faults;

import com.sun.net.httpserver.HttpServer;
import io.taxistream.local.http.HttpServers;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP server on the loopback address that hands requests on to a search engine, and the answers back, except where a
 * rule says that something goes wrong.
 *
 * <pre>{@code
 * try (SearchProxy proxy = SearchProxy.start(engine)) {
 *     // clients talk to proxy.address()
 *     proxy.add(SearchFaultRule.onBulks(new SearchFault.Status(503, false)).times(3));
 *     proxy.refuseConnections(Duration.ofSeconds(20));
 * }
 * }</pre>
 *
 * <p>Bodies are streamed, and held in memory only where a fault or a check has to look into them. All headers but those of
 * the connection are kept. Where the engine does not answer, the proxy answers with status 502. Thread-safe.
 */
public final class SearchProxy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SearchProxy.class);
    private static final Duration BIND_AGAIN = Duration.ofMillis(200);

    /** Key of refused connections in {@link #injected}. */
    static final String CONNECTIONS_REFUSED = "ConnectionsRefused";

    private final SearchFaultRules rules;
    private final SearchProxyHandler handler;
    private final ExecutorService workers;
    private final ScheduledExecutorService timer;
    private final int port;

    private @Nullable HttpServer server;
    private long listenAtNanos;
    private boolean closed;

    private SearchProxy(Supplier<URI> engine, Optional<RequestCheck> check, Random random) throws IOException {
        rules = new SearchFaultRules(Clock.systemUTC(), random);
        workers = Executors.newCachedThreadPool(SearchProxy::daemon);
        timer = Executors.newSingleThreadScheduledExecutor(SearchProxy::daemon);
        handler = new SearchProxyHandler(engine, rules, check, timer);
        try {
            server = listen(0);
        } catch (IOException e) {
            workers.shutdown();
            timer.shutdown();
            throw e;
        }
        port = server.getAddress().getPort();
    }

    /**
     * Starts a proxy that lets all requests pass until rules are added.
     *
     * @param engine where the search engine is, {@code http://host:port}
     * @throws IOException if there is no port to listen at
     */
    public static SearchProxy start(URI engine) throws IOException {
        return new SearchProxy(() -> engine, Optional.empty(), new Random());
    }

    /**
     * Starts a proxy.
     *
     * @param engine where the search engine is, {@code http://host:port}; asked at every request
     * @param check answers requests that must not pass with status 403
     * @param random draws whether a rule strikes
     * @throws IOException if there is no port to listen at
     */
    public static SearchProxy start(Supplier<URI> engine, RequestCheck check, Random random) throws IOException {
        return new SearchProxy(engine, Optional.of(check), random);
    }

    /** Where the proxy listens; the same after each pause. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Puts a rule into force, behind those that are. */
    public void add(SearchFaultRule rule) {
        rules.add(rule);
    }

    /** Ends all rules. */
    public void clear() {
        rules.clear();
    }

    /**
     * Closes all connections and refuses new ones for a time. Where they are refused already, the later of the two ends
     * counts.
     */
    public synchronized void refuseConnections(Duration time) {
        if (closed) {
            return;
        }
        listenAtNanos = Math.max(server == null ? listenAtNanos : Long.MIN_VALUE, System.nanoTime() + time.toNanos());
        if (server != null) {
            server.stop(0);
            server = null;
            rules.count(CONNECTIONS_REFUSED);
        }
        listenLater(time);
    }

    private void listenLater(Duration time) {
        var unused = timer.schedule(this::listenAgain, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void listenAgain() {
        if (closed || server != null) {
            return;
        }
        long remainingNanos = listenAtNanos - System.nanoTime();
        if (remainingNanos > 0) {
            listenLater(Duration.ofNanos(remainingNanos).plusMillis(1));
            return;
        }
        try {
            server = listen(port);
        } catch (IOException e) {
            LOG.warn("Port {} cannot be listened at yet: {}", port, e.toString());
            listenLater(BIND_AGAIN);
        }
    }

    private HttpServer listen(int wantedPort) throws IOException {
        HttpServer listening = HttpServers.create(wantedPort);
        listening.setExecutor(workers);
        listening.createContext("/", handler).getFilters().add(new BrowserFilter());
        listening.start();
        return listening;
    }

    /**
     * How often each fault has happened so far, by the simple name of its class or as {@value #CONNECTIONS_REFUSED};
     * without those that never did.
     */
    public Map<String, Long> injected() {
        return rules.injected();
    }

    /** Closes all connections and ends the proxy's threads. */
    @Override
    public synchronized void close() {
        closed = true;
        if (server != null) {
            server.stop(0);
            server = null;
        }
        workers.shutdownNow();
        timer.shutdownNow();
    }

    private static Thread daemon(Runnable action) {
        Thread thread = new Thread(action, "search-proxy");
        thread.setDaemon(true);
        return thread;
    }
}
