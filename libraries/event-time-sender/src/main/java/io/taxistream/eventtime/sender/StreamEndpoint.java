package io.taxistream.eventtime.sender;

import static java.util.Objects.requireNonNull;

import io.taxistream.eventtime.Loopback;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where a stream is reached.
 *
 * <p>Only on this machine's loopback interface are certificates taken unseen; everywhere else they are verified.
 *
 * @param region such as {@code eu-west-1}
 * @param uri an endpoint of one's own with a host, {@code https}; {@code null} for that of AWS in the region
 */
record StreamEndpoint(String region, @Nullable URI uri) {

    /** Whether the endpoint is on this machine. */
    boolean isLoopback() {
        return uri != null && Loopback.isHostOf(uri);
    }

    /** Of an endpoint of one's own. */
    int port() {
        requireNonNull(uri, "the port of AWS is not asked for");
        return uri.getPort() < 0 ? 443 : uri.getPort();
    }

    /** The endpoint as a person would name it. */
    String shown() {
        return uri == null ? "Kinesis in " + region : uri.toString();
    }
}
