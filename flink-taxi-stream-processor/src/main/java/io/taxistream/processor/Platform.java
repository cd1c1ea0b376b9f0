package io.taxistream.processor;

/** What the job runs on. */
enum Platform {
    /** A Flink cluster, which leaves the configuration of a job to the job. */
    CLUSTER,
    /** Amazon Managed Service for Apache Flink, which sets most of it itself and refuses a job that does. */
    MANAGED_SERVICE
}
