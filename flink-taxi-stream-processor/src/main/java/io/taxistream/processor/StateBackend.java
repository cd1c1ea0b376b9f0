package io.taxistream.processor;

/** Where Flink keeps the state of a running job. */
enum StateBackend {
    /** In the memory of the task managers: the faster one, and large enough for the windows of a city. */
    HEAP("hashmap"),
    /** In RocksDB on their disks, with incremental checkpoints: for more state than memory. */
    ROCKSDB("rocksdb");

    private final String flinkName;

    StateBackend(String flinkName) {
        this.flinkName = flinkName;
    }

    /** Name in Flink's configuration. */
    String flinkName() {
        return flinkName;
    }
}
