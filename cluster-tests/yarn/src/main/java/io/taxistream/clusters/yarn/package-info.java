/** Hadoop's YARN and HDFS in one process, for tests. Knows nothing of Flink. */
package io.taxistream.clusters.yarn;
