package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {

    @ParameterizedTest
    @CsvSource({
        "200, '', STORED",
        "201, '', STORED",
        "400, mapper_parsing_exception, REFUSED",
        "400, illegal_argument_exception, REFUSED",
        "400, index_closed_exception, FATAL",
        "401, security_exception, FATAL",
        "403, security_exception, FATAL",
        "403, cluster_block_exception, RETRY",
        "403, index_create_block_exception, RETRY",
        "404, index_not_found_exception, FATAL",
        "404, document_missing_exception, REFUSED",
        "409, version_conflict_engine_exception, REFUSED",
        "413, '', REFUSED",
        "429, es_rejected_execution_exception, RETRY",
        "429, circuit_breaking_exception, RETRY",
        "500, exception, RETRY",
        "503, unavailable_shards_exception, RETRY",
    })
    void ofADocument(int status, String errorType, Verdict expected) {
        assertThat(Verdict.ofItem(status, errorType)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "200, STORED",
        "301, FATAL",
        "400, REFUSED",
        "401, FATAL",
        "403, FATAL",
        "404, FATAL",
        "406, FATAL",
        "408, RETRY",
        "413, REFUSED",
        "429, RETRY",
        "500, RETRY",
        "502, RETRY",
        "503, RETRY",
        "504, RETRY",
        "509, RETRY",
    })
    void ofARequest(int status, Verdict expected) {
        assertThat(Verdict.ofRequest(status)).isEqualTo(expected);
    }
}
