package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Behaviour on OpenSearch, which has data streams, unlike the open-source edition of Elasticsearch. */
abstract class OpenSearchSuite extends SearchEngineSuite {

    /** A data stream accepts new documents only, and a document of the sink may replace one. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void dataStreamFailsTheJob(boolean exists) throws Exception {
        String prefix = "logged-" + exists;
        String index = prefix + "-pickup-count";
        putDataStreamTemplate("template-of-" + index, index);
        if (exists) {
            put("/_data_stream/" + index, "");
        }

        assertThatThrownBy(() -> SinkJob.store(results(prefix), sink().indexTemplates(templates(prefix))))
                .rootCause()
                .hasMessageContaining(index + "/")
                .hasMessageContaining("was rejected")
                .hasMessageContaining("a data stream cannot replace documents")
                .hasMessageContaining("use an index or an alias")
                .message()
                .hasLineCount(1);
        assertThat(all(index)).isEmpty();
        assertThat(all(index + "-dead-letter")).isEmpty();
    }

    @Test
    void dataStreamWithTheTemplateOfTheIndexFailsBeforeTheFirstDocument() throws Exception {
        String index = "streamed-pickup-count";
        putDataStreamTemplate(index, index);
        put("/_data_stream/" + index, "");

        assertThatThrownBy(() -> SinkJob.store(results("streamed"), sink().indexTemplates(templates("streamed"))))
                .rootCause()
                .hasMessageContaining("index template " + index + " was rejected")
                .hasMessageContaining("choose another name for the index")
                .message()
                .hasLineCount(1);
        assertThat(all(index)).isEmpty();
        assertThat(all(index + "-dead-letter")).isEmpty();
    }

    private void putDataStreamTemplate(String name, String index) throws Exception {
        put("/_index_template/" + name, """
                {"index_patterns": ["%s"], "data_stream": {"timestamp_field": {"name": "timestamp"}}, "priority": 500,
                 "template": {"mappings": {"properties": {
                     "timestamp": {"type": "date", "format": "epoch_millis"},
                     "location": {"type": "geo_point"}}}}}
                """.formatted(index));
    }
}
