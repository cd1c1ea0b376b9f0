package io.taxistream.processor;

/** The platform that the job runs on. */
enum Platform {
    /** A Flink cluster, whose jobs configure themselves. */
    CLUSTER,
    /**
     * Amazon Managed Service for Apache Flink, which controls most of the configuration and rejects jobs that set it.
     */
    MANAGED_SERVICE
}
