package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.search.BulkResponse.Item;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexFaultTest {

    private static final String ILLEGAL_ARGUMENT = "illegal_argument_exception";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            index_not_found_exception    | no such index [counts]              | create the index
            index_closed_exception       | closed                              | open the index
            invalid_index_name_exception | Invalid index name [Counts]         | choose another name
            routing_missing_exception    | routing is required for [counts]/[a] | change the mapping
            illegal_argument_exception   | only write ops with an op_type of create are allowed in data streams | use an index or an alias
            illegal_argument_exception   | template [t] with no data stream configuration would cause data streams [t] to no longer match a data stream template | choose another name
            illegal_argument_exception   | no write index is defined for alias [a]. | set is_write_index
            illegal_argument_exception   | alias [a] has more than one index associated with it [i, j] | set is_write_index
            illegal_argument_exception   | Number of documents in the index can't exceed [2147483519] | start another index
            illegal_argument_exception   | pipeline with id [p] does not exist | create the ingest pipeline
            illegal_argument_exception   | explicit index in bulk is not allowed | rest.action.multi.allow_explicit_index
            """)
    void saysHowToMendTheIndex(String errorType, String reason, String remedy) {
        assertThat(IndexFault.of(new Item(400, errorType, reason)))
                .hasValueSatisfying(fault -> assertThat(fault.remedy()).contains(remedy));
    }

    @Test
    void aDocumentThatDoesNotFitIsNoFaultOfTheIndex() {
        assertThat(IndexFault.of(new Item(400, ILLEGAL_ARGUMENT, "Limit of total fields [1000] has been exceeded")))
                .isEmpty();
        assertThat(IndexFault.of(new Item(400, "mapper_parsing_exception", "pipeline with id [p] does not exist")))
                .isEmpty();
    }

    @Test
    void noAdviceIsGivenInMoreThanOneLine() {
        assertThat(Stream.of(IndexFault.values()).map(IndexFault::remedy))
                .allSatisfy(remedy -> assertThat(remedy).isNotBlank().hasLineCount(1));
    }
}
