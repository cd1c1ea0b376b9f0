package io.taxistream.eventtime.sender;

import static java.util.Objects.requireNonNull;

import io.taxistream.eventtime.Loopback;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Endpoint of a stream.
 *
 * <p>Certificates are verified, except on the loopback interface of this machine.
 *
 * @param region such as {@code eu-west-1}
 * @param uri custom endpoint, an {@code https} URI with a host; {@code null} for the endpoint of AWS in the region
 */
record StreamEndpoint(String region, @Nullable URI uri) {

    /** Returns whether the endpoint is on this machine. */
    boolean isLoopback() {
        return uri != null && Loopback.isHostOf(uri);
    }

    /** Returns the port of a custom endpoint. */
    int port() {
        requireNonNull(uri, "only an explicit endpoint has a port");
        return uri.getPort() < 0 ? 443 : uri.getPort();
    }

    /** Returns the endpoint for messages. */
    String shown() {
        return uri == null ? "Kinesis in " + region : uri.toString();
    }
}
