package io.taxistream.search;

import java.io.Serializable;
import java.net.URI;

/**
 * How the sink proves to the search engine who it is.
 *
 * <p>Only the way is held, and travels with the job to the task managers; the credentials themselves are looked up
 * there, where the sink's writers start.
 */
public sealed interface Authentication extends Serializable {

    /** Name of the environment variable that {@link BasicFromEnvironment} takes the user from. */
    String USERNAME_VARIABLE = "ES_USERNAME";

    /** Name of the environment variable that {@link BasicFromEnvironment} takes the password from. */
    String PASSWORD_VARIABLE = "ES_PASSWORD";

    /** Requests are sent as they are. */
    record None() implements Authentication {}

    /**
     * Requests are signed with AWS Signature Version 4 and the credentials of the default chain, which are asked for
     * anew with each request and so may rotate.
     *
     * @param region of the domain or collection, such as {@code eu-west-1}
     * @param service {@code es} for a domain, {@code aoss} for a serverless collection
     */
    record SigV4(String region, String service) implements Authentication {

        /** @throws IllegalArgumentException if the service is neither {@code es} nor {@code aoss}, or there is no region */
        public SigV4 {
            if (!service.equals("es") && !service.equals("aoss")) {
                throw new IllegalArgumentException("service is '" + service + "'; it must be es or aoss");
            }
            if (region.isBlank()) {
                throw new IllegalArgumentException("region is empty; it must name the region to sign for");
            }
        }
    }

    /**
     * HTTP basic authentication with the user and password of the environment variables {@value #USERNAME_VARIABLE} and
     * {@value #PASSWORD_VARIABLE} of the task managers.
     */
    record BasicFromEnvironment() implements Authentication {}

    /**
     * HTTP basic authentication with the first line of a file, {@code user:password}.
     *
     * @param path of the file, on every task manager
     */
    record BasicFromFile(String path) implements Authentication {}

    /** Whether requests carry a password, which anyone can read who sees an unencrypted request. */
    default boolean sendsPassword() {
        return this instanceof BasicFromEnvironment || this instanceof BasicFromFile;
    }

    /**
     * What fits an endpoint: none for one on this machine, and a signature elsewhere, as of {@link #sigV4}.
     *
     * @param region to sign for
     */
    static Authentication forEndpoint(URI endpoint, String region) {
        return Loopback.isHostOf(endpoint) ? new None() : sigV4(endpoint, region);
    }

    /**
     * A signature for the service {@code aoss} if the endpoint's host is one of a serverless collection, and else for
     * {@code es}.
     *
     * @param region to sign for
     */
    static SigV4 sigV4(URI endpoint, String region) {
        boolean serverless = endpoint.getHost().endsWith(".aoss.amazonaws.com");
        return new SigV4(region, serverless ? "aoss" : "es");
    }
}
