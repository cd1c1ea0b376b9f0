package io.taxistream.local.faults;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Decides whether a request may pass, as the service in front of a search engine does. Called by many threads at once. */
@FunctionalInterface
public interface RequestCheck {

    /** Why the request is refused; empty if it may pass. */
    Optional<String> refusal(Request request);

    /**
     * A request as it came over the wire.
     *
     * @param rawPath as on the request line
     * @param rawQuery as on the request line, null without a query
     * @param headers names in lower case
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once and compared by nobody
    record Request(String method, String rawPath, String rawQuery, Map<String, List<String>> headers, byte[] body) {}
}
