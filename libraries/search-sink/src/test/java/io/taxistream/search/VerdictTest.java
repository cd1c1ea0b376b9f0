package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.search.BulkResponse.Item;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {

    @ParameterizedTest
    @CsvSource({
        "200, '', STORED",
        "201, '', STORED",
        "400, mapper_parsing_exception, REJECTED",
        "400, illegal_argument_exception, REJECTED",
        "400, strict_dynamic_mapping_exception, REJECTED",
        "400, index_closed_exception, FATAL",
        "400, invalid_index_name_exception, FATAL",
        "400, routing_missing_exception, FATAL",
        "400, validation_exception, REJECTED",
        "401, security_exception, FATAL",
        "403, security_exception, FATAL",
        "403, cluster_block_exception, RETRY",
        "403, index_create_block_exception, RETRY",
        "404, index_not_found_exception, FATAL",
        "404, document_missing_exception, REJECTED",
        "409, version_conflict_engine_exception, REJECTED",
        "413, '', REJECTED",
        "429, es_rejected_execution_exception, RETRY",
        "429, circuit_breaking_exception, RETRY",
        "500, exception, RETRY",
        "503, unavailable_shards_exception, RETRY",
    })
    void ofADocument(int status, String errorType, Verdict expected) {
        assertThat(Verdict.ofItem(new Item(status, errorType, ""))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "only write ops with an op_type of create are allowed in data streams | FATAL",
                "no write index is defined for alias [a]. The write index may be explicitly disabled | FATAL",
                "alias [a] has more than one index associated with it [i, j], can't execute a single index op | FATAL",
                "Number of documents in the index can't exceed [2147483519] | FATAL",
                "number of documents in the index cannot exceed 2147483519 | FATAL",
                "pipeline with id [p] does not exist | FATAL",
                "Limit of total fields [1000] has been exceeded | REJECTED",
                "object mapping for [a] tried to parse field [a] as object | REJECTED",
            })
    void usesTheReasonIfTheErrorTypeIsAmbiguous(String reason, Verdict expected) {
        assertThat(Verdict.ofItem(new Item(400, "illegal_argument_exception", reason)))
                .isEqualTo(expected);
        assertThat(Verdict.ofItem(new Item(400, "mapper_parsing_exception", reason)))
                .isEqualTo(Verdict.REJECTED);
    }

    @ParameterizedTest
    @CsvSource({"shards, RETRY", "total shards, RETRY", "aliases, REJECTED"})
    void retriesAtTheShardLimitOfTheCluster(String what, Verdict expected) {
        Item item = new Item(
                400,
                "validation_exception",
                "Validation Failed: 1: this action would add [2] " + what
                        + ", but this cluster currently has [999]/[1000] maximum open;");

        assertThat(Verdict.ofItem(item)).isEqualTo(expected);
        assertThat(Verdict.ofRequest(item)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "200, STORED",
        "301, FATAL",
        "400, REJECTED",
        "401, FATAL",
        "403, FATAL",
        "404, FATAL",
        "406, FATAL",
        "408, RETRY",
        "413, REJECTED",
        "429, RETRY",
        "500, RETRY",
        "502, RETRY",
        "503, RETRY",
        "504, RETRY",
        "509, RETRY",
    })
    void ofARequest(int status, Verdict expected) {
        assertThat(Verdict.ofRequest(new Item(status, "", ""))).isEqualTo(expected);
    }

    @Test
    void requestDisallowedByConfigurationIsFatal() {
        assertThat(Verdict.ofRequest(
                        new Item(400, "illegal_argument_exception", "explicit index in bulk is not allowed")))
                .isEqualTo(Verdict.FATAL);
    }
}
