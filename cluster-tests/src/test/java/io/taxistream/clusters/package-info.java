/**
 * Tests of the shipped job on clusters as users have them: a Flink session cluster and Hadoop's YARN, each in processes of
 * its own, told what to do by Flink's command line.
 *
 * <p>Nothing here links against Flink, Hadoop or the job. {@link io.taxistream.clusters.FlinkInstallation} starts what
 * Flink's scripts start, {@link io.taxistream.clusters.Replay} is the world around the job, and {@link
 * io.taxistream.clusters.Upgrade} is what users do with it.
 */
package io.taxistream.clusters;
