package io.taxistream.search;

import java.io.Serializable;
import java.net.URI;

/**
 * Method of authentication with the search engine.
 *
 * <p>It contains no credentials, so it can be part of the job graph; the credentials are looked up on the task managers when
 * the writers start.
 */
public sealed interface Authentication extends Serializable {

    /** Environment variable that contains the user for {@link BasicFromEnvironment}. */
    String USERNAME_VARIABLE = "ES_USERNAME";

    /** Environment variable that contains the password for {@link BasicFromEnvironment}. */
    String PASSWORD_VARIABLE = "ES_PASSWORD";

    /** No authentication. */
    record None() implements Authentication {}

    /**
     * Signs requests with AWS Signature Version 4, using the credentials of the sink. They are resolved for each request and
     * may therefore rotate.
     *
     * @param region region of the domain or collection, such as {@code eu-west-1}
     * @param service {@code es} for a domain, {@code aoss} for a serverless collection
     */
    record SigV4(String region, String service) implements Authentication {

        /** @throws IllegalArgumentException if the service is neither {@code es} nor {@code aoss}, or the region is missing */
        public SigV4 {
            if (!service.equals("es") && !service.equals("aoss")) {
                throw new IllegalArgumentException("service is '" + service + "'; it must be es or aoss");
            }
            if (region.isBlank()) {
                throw new IllegalArgumentException("region is empty; it must be the AWS region of signatures");
            }
        }
    }

    /**
     * HTTP basic authentication with the user and password from the environment variables {@value #USERNAME_VARIABLE} and
     * {@value #PASSWORD_VARIABLE} of the task managers.
     */
    record BasicFromEnvironment() implements Authentication {}

    /**
     * HTTP basic authentication with the first line of a file, in the form {@code user:password}.
     *
     * @param path path of the file, which must exist on every task manager
     */
    record BasicFromFile(String path) implements Authentication {}

    /** Returns whether requests contain a password, which is exposed unless they are encrypted. */
    default boolean sendsPassword() {
        return this instanceof BasicFromEnvironment || this instanceof BasicFromFile;
    }

    /**
     * Returns the default for an endpoint: none on this machine, {@link #sigV4} elsewhere.
     *
     * @param region region to sign for
     */
    static Authentication forEndpoint(URI endpoint, String region) {
        return Loopback.isHostOf(endpoint) ? new None() : sigV4(endpoint, region);
    }

    /**
     * Returns a signature for the service {@code aoss} if the host of the endpoint is a serverless collection, and for {@code
     * es} otherwise.
     *
     * @param region region to sign for
     */
    static SigV4 sigV4(URI endpoint, String region) {
        boolean serverless = endpoint.getHost().endsWith(".aoss.amazonaws.com");
        return new SigV4(region, serverless ? "aoss" : "es");
    }
}
