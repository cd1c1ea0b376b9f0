package io.taxistream.local.faults;

import io.taxistream.local.http.LoopbackServer;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP server on the loopback address that forwards requests to a search engine and returns its responses, except where a
 * rule injects a fault.
 *
 * <pre>{@code
 * try (SearchProxy proxy = SearchProxy.start(engine)) {
 *     // clients talk to proxy.address()
 *     proxy.add(SearchFaultRule.onBulks(new SearchFault.Status(503, false)).times(3));
 *     proxy.refuseConnections(Duration.ofSeconds(20));
 * }
 * }</pre>
 *
 * <p>Bodies are streamed, and held in memory only if a fault or a check needs to inspect them. All headers except hop-by-hop
 * ones are kept. If the engine does not answer, the proxy answers with status 502. Thread-safe.
 */
public final class SearchProxy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SearchProxy.class);
    private static final Duration REBIND_INTERVAL = Duration.ofMillis(200);

    /** Key of refused connections in {@link #injected}. */
    static final String CONNECTIONS_REFUSED = "ConnectionsRefused";

    private final SearchFaultRules rules;
    private final SearchProxyHandler handler;
    private final ScheduledExecutorService timer;
    private final int port;

    private @Nullable LoopbackServer server;
    private long rebindAtNanos;
    private boolean closed;

    private SearchProxy(Supplier<URI> engine, Optional<RequestCheck> check, Random random) throws IOException {
        rules = new SearchFaultRules(Clock.systemUTC(), random);
        timer = Executors.newSingleThreadScheduledExecutor(SearchProxy::daemon);
        handler = new SearchProxyHandler(engine, rules, check, timer);
        try {
            server = listen(0);
        } catch (IOException e) {
            timer.shutdown();
            throw e;
        }
        port = server.port();
    }

    /**
     * Starts a proxy that forwards all requests until rules are added.
     *
     * @param engine address of the search engine, {@code http://host:port}
     * @throws IOException if no port is available
     */
    public static SearchProxy start(URI engine) throws IOException {
        return new SearchProxy(() -> engine, Optional.empty(), new Random());
    }

    /**
     * Starts a proxy.
     *
     * @param engine address of the search engine, {@code http://host:port}; read at every request
     * @param check requests that fail this check are answered with status 403
     * @param random decides whether a rule strikes
     * @throws IOException if no port is available
     */
    public static SearchProxy start(Supplier<URI> engine, RequestCheck check, Random random) throws IOException {
        return new SearchProxy(engine, Optional.of(check), random);
    }

    /** Returns the address of the proxy, which stays the same after a pause. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** Adds a rule after the existing ones. */
    public void add(SearchFaultRule rule) {
        rules.add(rule);
    }

    /** Removes all rules. */
    public void clear() {
        rules.clear();
    }

    /** Closes all connections and refuses new ones for a time. If they are being refused already, the later end applies. */
    public synchronized void refuseConnections(Duration time) {
        if (closed) {
            return;
        }
        rebindAtNanos = Math.max(server == null ? rebindAtNanos : Long.MIN_VALUE, System.nanoTime() + time.toNanos());
        if (server != null) {
            server.close();
            server = null;
            rules.count(CONNECTIONS_REFUSED);
        }
        scheduleRebind(time);
    }

    private void scheduleRebind(Duration time) {
        var unused = timer.schedule(this::rebind, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void rebind() {
        if (closed || server != null) {
            return;
        }
        long remainingNanos = rebindAtNanos - System.nanoTime();
        if (remainingNanos > 0) {
            scheduleRebind(Duration.ofNanos(remainingNanos).plusMillis(1));
            return;
        }
        try {
            server = listen(port);
        } catch (IOException e) {
            LOG.warn("Cannot listen on port {} yet: {}", port, e.toString());
            scheduleRebind(REBIND_INTERVAL);
        }
    }

    private LoopbackServer listen(int wantedPort) throws IOException {
        return LoopbackServer.start(wantedPort, "search-proxy", handler);
    }

    /**
     * Returns the number of times each fault has occurred, by the simple name of its class or {@value #CONNECTIONS_REFUSED};
     * without faults that have not occurred.
     */
    public Map<String, Long> injected() {
        return rules.injected();
    }

    /** Closes all connections and stops the proxy's threads. */
    @Override
    public synchronized void close() {
        closed = true;
        if (server != null) {
            server.close();
            server = null;
        }
        timer.shutdownNow();
    }

    private static Thread daemon(Runnable action) {
        Thread thread = new Thread(action, "search-proxy-timer");
        thread.setDaemon(true);
        return thread;
    }
}
