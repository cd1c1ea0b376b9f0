package io.taxistream.eventtime.sender;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
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
        if (uri == null) {
            return false;
        }
        try {
            return InetAddress.getByName(uri.getHost()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            // A name that nobody knows is not this machine's; whoever connects to it will say so.
            return false;
        }
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
