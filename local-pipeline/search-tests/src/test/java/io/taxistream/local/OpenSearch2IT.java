package io.taxistream.local;

class OpenSearch2IT extends OpenSearchSuite {

    @Override
    Engine engine() {
        return Engine.OPENSEARCH_2;
    }
}
