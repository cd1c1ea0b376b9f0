package io.taxistream.search;

import java.net.URI;

/** Validates the address of a search engine. */
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
                    + " contains credentials, which would appear in logs; use basic authentication from the environment"
                    + " or a file instead");
        }
        return endpoint;
    }

    private static String withoutUserInfo(URI endpoint) {
        return endpoint.toString().replaceFirst("//[^/@]*@", "//");
    }
}
