package io.taxistream.local;

class OpenSearch2IT extends SearchEngineSuite {

    @Override
    Engine engine() {
        return Engine.OPENSEARCH_2;
    }
}
