package io.taxistream.eventtime.source;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A call to Kinesis that failed, with what can be done about it; the message names the stream and the call. */
final class KinesisProxyException extends IOException {

    private static final long serialVersionUID = 1;

    enum Kind {
        /** More calls or bytes than the stream allows: try again later, and less often. */
        THROTTLED,
        /** The service or the way to it is troubled: try again later. */
        TEMPORARY,
        /** The shard iterator is too old: get another. */
        ITERATOR_EXPIRED,
        /** What was asked for is being created or deleted, or a subscription to the shard was made just before. */
        IN_USE,
        /** There is no such stream, shard or consumer. */
        NOT_FOUND,
        /** Kinesis does not accept what was asked for, such as a position that the shard does not have. */
        INVALID_ARGUMENT,
        /** Trying again would not help. */
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
