package io.taxistream.processor;

import java.net.URI;

/** Where late trips and malformed records go. Each is counted in any case. */
sealed interface RejectedRecords {

    /** Into an index of their own, beside those of the results. */
    record ToIndex() implements RejectedRecords {}

    /**
     * Into files of JSON lines.
     *
     * @param folder in any file system that Flink can write to, such as {@code s3://bucket/rejected}
     */
    record ToFiles(URI folder) implements RejectedRecords {}

    /** Nowhere. */
    record Dropped() implements RejectedRecords {}
}
