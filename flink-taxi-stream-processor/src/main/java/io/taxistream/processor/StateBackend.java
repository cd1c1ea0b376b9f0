package io.taxistream.processor;

/** Where Flink keeps the state of a running job. */
enum StateBackend {
    /** In the memory of the task managers: faster, and sufficient for the windows of a city. */
    HEAP("hashmap"),
    /** In RocksDB on local disks, with incremental checkpoints: for state that exceeds memory. */
    ROCKSDB("rocksdb");

    private final String flinkName;

    StateBackend(String flinkName) {
        this.flinkName = flinkName;
    }

    /** Returns the name in Flink's configuration. */
    String flinkName() {
        return flinkName;
    }
}
