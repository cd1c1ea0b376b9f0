package io.taxistream.local.opensearch;

import static java.util.Objects.requireNonNull;

import io.taxistream.local.guard.BrowserGuard;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.opensearch.common.network.NetworkModule;
import org.opensearch.common.network.NetworkService;
import org.opensearch.common.settings.ClusterSettings;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.util.BigArrays;
import org.opensearch.common.util.PageCacheRecycler;
import org.opensearch.common.util.concurrent.ThreadContext;
import org.opensearch.core.indices.breaker.CircuitBreakerService;
import org.opensearch.core.rest.RestStatus;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.http.HttpServerTransport;
import org.opensearch.http.HttpServerTransport.Dispatcher;
import org.opensearch.plugins.NetworkPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.rest.BytesRestResponse;
import org.opensearch.rest.RestChannel;
import org.opensearch.rest.RestHandler;
import org.opensearch.rest.RestRequest;
import org.opensearch.telemetry.tracing.Tracer;
import org.opensearch.threadpool.ThreadPool;
import org.opensearch.transport.Netty4Plugin;

/**
 * Protects the node from other web pages: refuses the requests that {@link BrowserGuard} refuses. {@link LocalOpenSearch} loads
 * it as a service.
 *
 * <p>The guard stands between OpenSearch's HTTP server and its dispatcher. The dispatcher answers some requests itself, among them
 * those with the method OPTIONS and those with the content type of a form, so a guard of the handlers would not see them.
 */
public final class BrowserGuardPlugin extends Plugin implements NetworkPlugin {

    private static final String GUARDED_HTTP = "guarded-http";

    @Override
    public Settings additionalSettings() {
        return Settings.builder().put(NetworkModule.HTTP_TYPE_KEY, GUARDED_HTTP).build();
    }

    @Override
    public Map<String, Supplier<HttpServerTransport>> getHttpTransports(
            Settings settings,
            ThreadPool threadPool,
            BigArrays bigArrays,
            PageCacheRecycler pageCacheRecycler,
            CircuitBreakerService circuitBreakerService,
            NamedXContentRegistry xContentRegistry,
            NetworkService networkService,
            Dispatcher dispatcher,
            ClusterSettings clusterSettings,
            Tracer tracer) {
        Map<String, Supplier<HttpServerTransport>> transports = new Netty4Plugin()
                .getHttpTransports(
                        settings,
                        threadPool,
                        bigArrays,
                        pageCacheRecycler,
                        circuitBreakerService,
                        xContentRegistry,
                        networkService,
                        new Guarded(dispatcher),
                        clusterSettings,
                        tracer);
        return Map.of(
                GUARDED_HTTP,
                requireNonNull(transports.get(Netty4Plugin.NETTY_HTTP_TRANSPORT_NAME), "the plugin has a transport"));
    }

    private record Guarded(Dispatcher dispatcher) implements Dispatcher {

        @Override
        public Optional<RestHandler> dispatchHandler(
                String uri, String rawPath, RestRequest.Method method, Map<String, String> parameters) {
            return dispatcher.dispatchHandler(uri, rawPath, method, parameters);
        }

        @Override
        public void dispatchRequest(RestRequest request, RestChannel channel, ThreadContext context) {
            if (!refuse(channel)) {
                dispatcher.dispatchRequest(request, channel, context);
            }
        }

        @Override
        public void dispatchBadRequest(RestChannel channel, ThreadContext context, Throwable cause) {
            if (!refuse(channel)) {
                dispatcher.dispatchBadRequest(channel, context, cause);
            }
        }

        private static boolean refuse(RestChannel channel) {
            RestRequest request = channel.request();
            Optional<String> refusal = BrowserGuard.refusal(request.method().name(), request.uri(), request::header);
            refusal.ifPresent(
                    reason -> channel.sendResponse(new BytesRestResponse(RestStatus.FORBIDDEN, reason + "\n")));
            return refusal.isPresent();
        }
    }
}
