package io.taxistream.local.opensearch;

import io.taxistream.local.guard.BrowserGuard;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.opensearch.client.node.NodeClient;
import org.opensearch.common.util.concurrent.ThreadContext;
import org.opensearch.core.rest.RestStatus;
import org.opensearch.plugins.ActionPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.rest.BytesRestResponse;
import org.opensearch.rest.RestChannel;
import org.opensearch.rest.RestHandler;
import org.opensearch.rest.RestRequest;

/**
 * Protects the node from other web pages: refuses the requests that {@link BrowserGuard} refuses. {@link LocalOpenSearch} loads
 * it as a service.
 */
public final class BrowserGuardPlugin extends Plugin implements ActionPlugin {

    @Override
    public UnaryOperator<RestHandler> getRestHandlerWrapper(ThreadContext threadContext) {
        return Guarded::new;
    }

    private static final class Guarded extends RestHandler.Wrapper {

        Guarded(RestHandler delegate) {
            super(delegate);
        }

        @Override
        public void handleRequest(RestRequest request, RestChannel channel, NodeClient client) throws Exception {
            Optional<String> refusal = BrowserGuard.refusal(request.method().name(), request.uri(), request::header);
            if (refusal.isPresent()) {
                channel.sendResponse(new BytesRestResponse(RestStatus.FORBIDDEN, refusal.get() + "\n"));
            } else {
                super.handleRequest(request, channel, client);
            }
        }
    }
}
