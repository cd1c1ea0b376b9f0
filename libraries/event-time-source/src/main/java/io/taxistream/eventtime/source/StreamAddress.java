package io.taxistream.eventtime.source;

import io.taxistream.eventtime.Loopback;
import java.io.Serializable;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Name, region and endpoint of a stream.
 *
 * @param nameOrArn as configured
 * @param region such as {@code eu-west-1}
 * @param endpoint replaces the endpoint of the region; null for that endpoint
 */
record StreamAddress(
        String nameOrArn, String region, @Nullable URI endpoint) implements Serializable {

    private static final String ARN_PREFIX = "arn:";

    /** Position of the region in {@code arn:aws:kinesis:eu-west-1:123456789012:stream/name}. */
    private static final int ARN_REGION = 3;

    /** @throws IllegalArgumentException if the stream is missing, or the region is missing and cannot be derived from an ARN */
    static StreamAddress of(@Nullable String nameOrArn, @Nullable String region, @Nullable URI endpoint) {
        if (nameOrArn == null || nameOrArn.isBlank()) {
            throw new IllegalArgumentException("stream is missing; set the name or ARN of a Kinesis stream");
        }
        String found = region;
        if (found == null && nameOrArn.startsWith(ARN_PREFIX)) {
            String[] parts = nameOrArn.split(":", -1);
            found = parts.length > ARN_REGION ? parts[ARN_REGION] : null;
        }
        if (found == null || found.isBlank()) {
            throw new IllegalArgumentException(
                    "region is missing; set the AWS region of stream " + nameOrArn + ", such as eu-west-1");
        }
        if (endpoint != null && (endpoint.getScheme() == null || endpoint.getHost() == null)) {
            throw new IllegalArgumentException(
                    "endpoint is " + endpoint + "; it must be a URI such as https://localhost:4567");
        }
        return new StreamAddress(nameOrArn, found, endpoint);
    }

    /** Returns the name of the stream, even if it was configured by ARN. */
    String name() {
        return nameOrArn.substring(nameOrArn.indexOf('/') + 1);
    }

    boolean isArn() {
        return nameOrArn.startsWith(ARN_PREFIX);
    }

    /** Returns whether the endpoint is on this machine, which rules out a man in the middle. */
    boolean isLoopback() {
        return endpoint != null && Loopback.isHostOf(endpoint);
    }

    /** Returns the stream and its location, for messages. */
    @Override
    public String toString() {
        return "stream " + nameOrArn + (endpoint == null ? " in region " + region : " at " + endpoint);
    }
}
