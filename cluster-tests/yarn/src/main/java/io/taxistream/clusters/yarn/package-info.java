/** Hadoop's YARN and HDFS in one process, for tests. Independent of Flink. */
package io.taxistream.clusters.yarn;
