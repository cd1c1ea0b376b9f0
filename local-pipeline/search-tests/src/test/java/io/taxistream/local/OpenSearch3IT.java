package io.taxistream.local;

import org.junit.jupiter.api.Tag;

@Tag("full")
class OpenSearch3IT extends OpenSearchSuite {

    @Override
    Engine engine() {
        return Engine.OPENSEARCH_3;
    }
}
