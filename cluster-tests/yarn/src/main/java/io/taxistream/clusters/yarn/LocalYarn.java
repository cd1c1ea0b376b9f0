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
 * Runs a resource manager, a node manager, a name node and a data node on the loopback address until the process receives
 * SIGTERM or SIGINT. Containers are separate processes, as on any cluster.
 *
 * <p>Usage: {@code java -jar … FOLDER CLASS_PATH}. The folder holds all data; {@code CLASS_PATH} lists the jars, separated by
 * commas, that containers get as Hadoop's class path in addition to its configuration. Once applications can be submitted, the
 * program prints one line to standard output: {@value #READY_PREFIX} and the folder with {@code core-site.xml} and {@code
 * yarn-site.xml}.
 */
public final class LocalYarn {

    /** Prefix of the line that names the folder of the configuration. */
    public static final String READY_PREFIX = "YARN is ready, configured by ";

    /**
     * Variables of the node manager's environment that containers inherit: Java, Hadoop, and the credentials that stand in for
     * the role of the nodes.
     */
    private static final String ENVIRONMENT_OF_CONTAINERS =
            "JAVA_HOME,HADOOP_CONF_DIR,AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY,AWS_EC2_METADATA_DISABLED";

    private static final int NODE_MEMORY_MIB = 16_384;
    private static final int NODE_CORES = 16;

    private LocalYarn() {}

    /** Starts the cluster; exits with code 2 unless there are two arguments. */
    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            System.err.println("two arguments are required: a folder and the class path of containers");
            System.exit(2);
        }
        File folder = new File(args[0]);
        File conf = new File(folder, "conf");
        System.setProperty("test.build.data", folder.toString()); // the node manager's working and log folder
        Configuration configuration = configuration(folder, conf + "," + args[1]);
        MiniDFSCluster hdfs = new MiniDFSCluster.Builder(configuration, new File(folder, "hdfs"))
                .numDataNodes(1)
                .build();
        hdfs.waitActive();

        MiniYARNCluster yarn = new MiniYARNCluster("taxi-stream", 1, 1, 1);
        yarn.init(configuration);
        // ends the containers, which are separate processes; HDFS runs in this one
        Runtime.getRuntime().addShutdownHook(new Thread(yarn::stop, "stop-yarn"));
        yarn.start();
        if (!yarn.waitForNodeManagersToConnect(60_000)) {
            throw new IOException("the node manager did not find the resource manager within a minute");
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
        // the disk of a laptop is often nearly full, and these tests store little
        configuration.setFloat(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, 99.9f);
        configuration.set("yarn.scheduler.capacity.root.queues", "default");
        configuration.set("yarn.scheduler.capacity.root.default.capacity", "100");
        return configuration;
    }

    /** Writes the configuration for clients and containers. */
    private static File write(Configuration ofCluster, File folder) throws IOException {
        Configuration configuration = new Configuration(ofCluster);
        // names a class of the test cluster that clients and containers do not have
        configuration.unset(CommonConfigurationKeysPublic.NET_TOPOLOGY_NODE_SWITCH_MAPPING_IMPL_KEY);
        if (!folder.mkdirs()) {
            throw new IOException(folder + " cannot be created");
        }
        for (String name : new String[] {"core-site.xml", "yarn-site.xml"}) {
            try (OutputStream out = new FileOutputStream(new File(folder, name))) {
                configuration.writeXml(out);
            }
        }
        return folder;
    }
}
