package io.taxistream.local.faults;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import io.taxistream.local.guard.BrowserGuard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Rejects requests from other web pages, which the search engine cannot recognise behind a proxy. */
final class BrowserFilter extends Filter {

    @Override
    public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
        Optional<String> refusal = BrowserGuard.refusal(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                name -> exchange.getRequestHeaders().getFirst(name));
        if (refusal.isEmpty()) {
            chain.doFilter(exchange);
            return;
        }
        try (exchange) {
            byte[] body = (refusal.get() + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(403, exchange.getRequestMethod().equals("HEAD") ? -1 : body.length);
            if (!exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public String description() {
        return "rejects requests from other web pages";
    }
}
