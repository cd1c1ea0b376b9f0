package io.taxistream.eventtime.source;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown if a call to Kinesis fails. The kind determines how to handle it; the message names the stream and the call. */
final class KinesisProxyException extends IOException {

    private static final long serialVersionUID = 1;

    enum Kind {
        /** A call or throughput limit was exceeded: retry later and less often. */
        THROTTLED,
        /** The service or the network failed temporarily: retry later. */
        TEMPORARY,
        /** The shard iterator has expired: request a new one. */
        ITERATOR_EXPIRED,
        /** The resource is being created or deleted, or another subscription to the shard was made moments ago. */
        IN_USE,
        /** The stream, shard or consumer does not exist. */
        NOT_FOUND,
        /** Kinesis rejects an argument, such as a position that is not in the shard. */
        INVALID_ARGUMENT,
        /** Retrying would not help. */
        FATAL
    }

    private final Kind kind;

    KinesisProxyException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
