package io.taxistream.search;

import io.taxistream.search.BulkResponse.Item;
import java.util.Optional;
import java.util.stream.Stream;

/** Faults of an entire index, which engines report for each document sent to it. */
enum IndexFault {
    MISSING("index_not_found_exception", "", "create the index, or allow it to be created automatically"),
    CLOSED("index_closed_exception", "", "open the index"),
    INVALID_NAME("invalid_index_name_exception", "", "choose another name for the index"),
    ROUTING_REQUIRED("routing_missing_exception", "", "the sink sets no routing; change the mapping of the index"),
    CREATE_ONLY(
            "illegal_argument_exception",
            "op_type of create",
            "a data stream cannot replace documents, as the sink requires; use an index or an alias"),
    DATA_STREAM_EXISTS(
            "illegal_argument_exception",
            "would cause data streams",
            "choose another name for the index: a data stream cannot replace documents, as the sink requires"),
    NO_WRITE_INDEX(
            "illegal_argument_exception",
            "no write index is defined for alias",
            "set is_write_index on one index of the alias"),
    SEVERAL_INDICES(
            "illegal_argument_exception",
            "has more than one index associated with it",
            "set is_write_index on one index of the alias"),
    FULL(
            "illegal_argument_exception",
            "ocuments in the index can",
            "start another index: a shard can hold at most 2,147,483,519 documents"),
    MISSING_PIPELINE("illegal_argument_exception", "pipeline with id [", "create the ingest pipeline of the index"),
    EXPLICIT_INDEX(
            "illegal_argument_exception",
            "explicit index in bulk is not allowed",
            "set rest.action.multi.allow_explicit_index to true on the search engine");

    private final String errorType;
    private final String reasonFragment;
    private final String remedy;

    IndexFault(String errorType, String reasonFragment, String remedy) {
        this.errorType = errorType;
        this.reasonFragment = reasonFragment;
        this.remedy = remedy;
    }

    /** Returns the fault reported by an error; empty if the document may be the cause. */
    static Optional<IndexFault> of(Item error) {
        return Stream.of(values())
                .filter(fault -> fault.errorType.equals(error.errorType())
                        && error.reason().contains(fault.reasonFragment))
                .findFirst();
    }

    /** Returns the remedy. */
    String remedy() {
        return remedy;
    }
}
