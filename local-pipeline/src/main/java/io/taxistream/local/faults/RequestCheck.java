package io.taxistream.local.faults;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides whether a request may pass, like the authentication in front of a search engine. Must be thread-safe. */
@FunctionalInterface
public interface RequestCheck {

    /** Returns why the request is rejected; empty if it may pass. */
    Optional<String> refusal(Request request);

    /**
     * A request as received.
     *
     * @param rawPath path of the request line
     * @param rawQuery query of the request line, null if there is none
     * @param headers headers by lower-case name
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
    record Request(
            String method, String rawPath, @Nullable String rawQuery, Map<String, List<String>> headers, byte[] body) {}
}
