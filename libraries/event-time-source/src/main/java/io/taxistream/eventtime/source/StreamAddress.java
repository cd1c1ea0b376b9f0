package io.taxistream.eventtime.source;

import io.taxistream.eventtime.Loopback;
import java.io.Serializable;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Which stream, and where.
 *
 * @param nameOrArn as it was given
 * @param region such as {@code eu-west-1}
 * @param endpoint in place of the region's own; null for that
 */
record StreamAddress(
        String nameOrArn, String region, @Nullable URI endpoint) implements Serializable {

    private static final String ARN_PREFIX = "arn:";

    /** Position of the region in {@code arn:aws:kinesis:eu-west-1:123456789012:stream/name}. */
    private static final int ARN_REGION = 3;

    /** @throws IllegalArgumentException if the stream is missing, or the region is and does not follow from an ARN */
    static StreamAddress of(@Nullable String nameOrArn, @Nullable String region, @Nullable URI endpoint) {
        if (nameOrArn == null || nameOrArn.isBlank()) {
            throw new IllegalArgumentException("stream is missing; give the name or the ARN of a Kinesis stream");
        }
        String found = region;
        if (found == null && nameOrArn.startsWith(ARN_PREFIX)) {
            String[] parts = nameOrArn.split(":", -1);
            found = parts.length > ARN_REGION ? parts[ARN_REGION] : null;
        }
        if (found == null || found.isBlank()) {
            throw new IllegalArgumentException(
                    "region is missing; give the AWS region of stream " + nameOrArn + ", such as eu-west-1");
        }
        if (endpoint != null && (endpoint.getScheme() == null || endpoint.getHost() == null)) {
            throw new IllegalArgumentException(
                    "endpoint is " + endpoint + "; it must be a URI such as https://localhost:4567");
        }
        return new StreamAddress(nameOrArn, found, endpoint);
    }

    /** Name of the stream, however it was given. */
    String name() {
        return nameOrArn.substring(nameOrArn.indexOf('/') + 1);
    }

    boolean isArn() {
        return nameOrArn.startsWith(ARN_PREFIX);
    }

    /** Whether the endpoint is on this machine, so that nobody can be between. */
    boolean isLoopback() {
        return endpoint != null && Loopback.isHostOf(endpoint);
    }

    /** For messages: which stream, and where it is looked for. */
    @Override
    public String toString() {
        return "stream " + nameOrArn + (endpoint == null ? " in region " + region : " at " + endpoint);
    }
}
