package io.taxistream.clusters.yarn;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/**
 * Runs a resource manager, a node manager, a name node and a data node on the loopback address until the process is told
 * to end (SIGTERM or SIGINT). Containers are processes of their own, as everywhere.
 *
 * <p>Usage: {@code java -jar … FOLDER CLASS_PATH}. The folder holds all data; {@code CLASS_PATH} is what the nodes offer
 * to containers as Hadoop's class path besides its configuration, jars separated by commas. As soon as applications can be submitted, one line goes
 * to standard output: {@value #READY_PREFIX} and the folder with {@code core-site.xml} and {@code yarn-site.xml}.
 */
public final class LocalYarn {

    /** What the line that tells the folder of the configuration begins with. */
    public static final String READY_PREFIX = "YARN is ready, configured by ";

    /** Of the environment of the node manager, containers see these: Java, Hadoop, and what stands for the role of the nodes. */
    private static final String ENVIRONMENT_OF_CONTAINERS =
            "JAVA_HOME,HADOOP_CONF_DIR,AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY,AWS_EC2_METADATA_DISABLED";

    private static final int NODE_MEMORY_MIB = 16_384;
    private static final int NODE_CORES = 16;

    private LocalYarn() {}

    /** Starts the cluster; ends with code 2 if the arguments are not two. */
    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            System.err.println("two arguments are needed: a folder, and the class path of containers");
            System.exit(2);
        }
        File folder = new File(args[0]);
        File conf = new File(folder, "conf");
        System.setProperty("test.build.data", folder.toString()); // where the node manager works and logs
        Configuration configuration = configuration(folder, conf + "," + args[1]);
        MiniDFSCluster hdfs = new MiniDFSCluster.Builder(configuration, new File(folder, "hdfs"))
                .numDataNodes(1)
                .build();
        hdfs.waitActive();

        MiniYARNCluster yarn = new MiniYARNCluster("taxi-stream", 1, 1, 1);
        yarn.init(configuration);
        // ends containers, which are processes of their own; HDFS is a part of this one
        Runtime.getRuntime().addShutdownHook(new Thread(yarn::stop, "stop-yarn"));
        yarn.start();
        if (!yarn.waitForNodeManagersToConnect(60_000)) {
            throw new IOException("the node manager has not found the resource manager within a minute");
        }

        System.out.println(READY_PREFIX + write(yarn.getConfig(), conf));
        new CountDownLatch(1).await();
    }

    private static Configuration configuration(File folder, String classPathOfContainers) {
        Configuration configuration = new YarnConfiguration();
        configuration.set("hadoop.tmp.dir", new File(folder, "tmp").toString());
        configuration.set(YarnConfiguration.YARN_APPLICATION_CLASSPATH, classPathOfContainers);
        configuration.set(YarnConfiguration.NM_ENV_WHITELIST, ENVIRONMENT_OF_CONTAINERS);
        configuration.setInt(YarnConfiguration.YARN_MINICLUSTER_NM_PMEM_MB, NODE_MEMORY_MIB);
        configuration.setInt(YarnConfiguration.NM_VCORES, NODE_CORES);
        configuration.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 256);
        configuration.setBoolean(YarnConfiguration.YARN_MINICLUSTER_CONTROL_RESOURCE_MONITORING, false);
        // a laptop's disk is often nearly full, and what is kept here is small
        configuration.setFloat(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, 99.9f);
        configuration.set("yarn.scheduler.capacity.root.queues", "default");
        configuration.set("yarn.scheduler.capacity.root.default.capacity", "100");
        return configuration;
    }

    /** Writes what clients and containers are to know. */
    private static File write(Configuration ofCluster, File folder) throws IOException {
        Configuration configuration = new Configuration(ofCluster);
        // names a class of the test cluster's own, which nobody else has
        configuration.unset(CommonConfigurationKeysPublic.NET_TOPOLOGY_NODE_SWITCH_MAPPING_IMPL_KEY);
        if (!folder.mkdirs()) {
            throw new IOException(folder + " cannot be made");
        }
        for (String name : new String[] {"core-site.xml", "yarn-site.xml"}) {
            try (OutputStream out = new FileOutputStream(new File(folder, name))) {
                configuration.writeXml(out);
            }
        }
        return folder;
    }
}
