/**
 * Tests of the shipped job on the clusters that users run: a Flink session cluster and Hadoop YARN, in separate processes and
 * driven by Flink's command line.
 *
 * <p>Nothing here links against Flink, Hadoop or the job. {@link io.taxistream.clusters.FlinkInstallation} starts the processes
 * that Flink's scripts start, {@link io.taxistream.clusters.Replay} is the environment of the job, and {@link
 * io.taxistream.clusters.Upgrade} is its life cycle.
 */
package io.taxistream.clusters;
