package io.taxistream.local;

class Elasticsearch7IT extends SearchEngineSuite {

    @Override
    Engine engine() {
        return Engine.ELASTICSEARCH_7;
    }
}
