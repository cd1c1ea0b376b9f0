package io.taxistream.processor;

import java.net.URI;

/** Destination of late trips and malformed records, which are counted in any case. */
sealed interface RejectedRecords {

    /** A separate index beside those of the results. */
    record ToIndex() implements RejectedRecords {}

    /**
     * Files of JSON lines.
     *
     * @param folder in any file system that Flink can write to, such as {@code s3://bucket/rejected}
     */
    record ToFiles(URI folder) implements RejectedRecords {}

    /** Nowhere. */
    record Dropped() implements RejectedRecords {}
}
