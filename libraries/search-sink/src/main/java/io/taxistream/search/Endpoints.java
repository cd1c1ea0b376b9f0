package io.taxistream.search;

import java.net.URI;

/** What may be known of a search engine's endpoint without asking the network. */
final class Endpoints {

    private Endpoints() {}

    /** @throws IllegalArgumentException if the endpoint is not {@code http[s]://host[:port][/path]} */
    static URI requireValid(URI endpoint) {
        boolean http = "http".equalsIgnoreCase(endpoint.getScheme()) || "https".equalsIgnoreCase(endpoint.getScheme());
        if (!http || endpoint.getHost() == null || endpoint.getQuery() != null || endpoint.getFragment() != null) {
            throw new IllegalArgumentException(
                    "endpoint is " + withoutUserInfo(endpoint) + "; it must be http[s]://HOST[:PORT][/PATH]");
        }
        if (endpoint.getUserInfo() != null) {
            throw new IllegalArgumentException("endpoint " + withoutUserInfo(endpoint)
                    + " holds credentials, which would show up in logs; use basic authentication from the"
                    + " environment or a file instead");
        }
        return endpoint;
    }

    /** Whether the host names this machine itself, by the usual names and addresses. */
    static boolean isLoopback(URI endpoint) {
        String host = endpoint.getHost();
        return host.equalsIgnoreCase("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }

    private static String withoutUserInfo(URI endpoint) {
        return endpoint.toString().replaceFirst("//[^/@]*@", "//");
    }
}
