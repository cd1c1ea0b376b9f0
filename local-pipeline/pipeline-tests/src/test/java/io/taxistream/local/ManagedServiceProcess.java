package io.taxistream.local;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Permission;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.client.ClientUtils;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.client.program.ProgramInvocationException;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.DefaultExecutorServiceLoader;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;

/**
 * Runs a jar as Amazon Managed Service for Apache Flink does, as far as documented: the job may change only a few configuration
 * keys, and may write to no files outside the temporary folder.
 */
final class ManagedServiceProcess {

    /** Prefix of the line that gives the address of Flink's REST endpoint, printed when the job has been submitted. */
    static final String RUNNING = "RUNNING ";

    /** Prefix of the line that says why the job was not submitted. */
    static final String REFUSED = "REFUSED ";

    /** Keys that AWS documents as changeable by code, as far as they concern Java jobs. */
    private static final List<String> CHANGEABLE = List.of(
            "execution.runtime-mode",
            "pipeline.auto-generate-uids",
            "pipeline.auto-watermark-interval",
            "pipeline.closure-cleaner-level",
            "pipeline.force-avro",
            "pipeline.force-kryo",
            "pipeline.generic-types",
            "pipeline.global-job-parameters",
            "pipeline.max-parallelism",
            "pipeline.name",
            "pipeline.object-reuse",
            "pipeline.operator-chaining.enabled");

    private ManagedServiceProcess() {}

    /** Arguments: the jar, the temporary folder, and the arguments of the job. */
    public static void main(String[] args) throws Exception {
        Path temporary = Path.of(args[1]).toRealPath();
        restrict(temporary);
        requireRestricted();
        Configuration configuration = configuration(temporary);
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(2)
                .build());
        cluster.start();
        int port = cluster.getRestAddress().get().getPort();
        configuration.set(DeploymentOptions.TARGET, "remote");
        configuration.set(DeploymentOptions.ATTACHED, false);
        configuration.set(RestOptions.ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.PORT, port);
        try (PackagedProgram program = PackagedProgram.newBuilder()
                .setJarFile(Path.of(args[0]).toFile())
                .setArguments(List.of(args).subList(2, args.length).toArray(String[]::new))
                .setConfiguration(configuration)
                .build()) {
            configuration.set(
                    PipelineOptions.JARS,
                    program.getJobJarAndDependencies().stream()
                            .map(Object::toString)
                            .toList());
            ClientUtils.executeProgram(new DefaultExecutorServiceLoader(), configuration, program, true, false);
            System.out.println(RUNNING + "http://127.0.0.1:" + port);
        } catch (ProgramInvocationException e) {
            System.out.println(REFUSED + e.getCause().getMessage().replace('\n', ' '));
        }
        new CountDownLatch(1).await(); // until it is killed
    }

    private static Configuration configuration(Path temporary) {
        Configuration configuration = new Configuration();
        configuration.set(DeploymentOptions.PROGRAM_CONFIG_ENABLED, false);
        configuration.set(DeploymentOptions.PROGRAM_CONFIG_WILDCARDS, CHANGEABLE);

        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(500));
        configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                temporary.resolve("checkpoints").toUri().toString());
        configuration.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "disable");
        configuration.set(CoreOptions.DEFAULT_PARALLELISM, 2);

        configuration.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_PORT, "0");
        configuration.set(JobManagerOptions.ADDRESS, "127.0.0.1");
        configuration.set(JobManagerOptions.BIND_HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.BIND_HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(64));
        configuration.set(WebOptions.TMP_DIR, temporary.resolve("web").toString());
        configuration.set(CoreOptions.TMP_DIRS, temporary.toString());
        configuration.set(
                BlobServerOptions.STORAGE_DIRECTORY, temporary.resolve("blobs").toString());
        return configuration;
    }

    /** Allows everything except writing outside the temporary folder and exiting the process. */
    @SuppressWarnings("removal") // the only way to see every write attempt of a process, even as root
    private static void restrict(Path temporary) {
        System.setSecurityManager(new SecurityManager() {
            @Override
            public void checkPermission(Permission permission) {}

            @Override
            public void checkPermission(Permission permission, Object context) {}

            @Override
            public void checkWrite(FileDescriptor descriptor) {}

            @Override
            public void checkWrite(String file) {
                if (!Path.of(file).toAbsolutePath().normalize().startsWith(temporary)) {
                    throw new SecurityException("read-only file system: " + file);
                }
            }

            @Override
            public void checkDelete(String file) {
                checkWrite(file);
            }

            @Override
            public void checkExit(int status) {
                throw new SecurityException("the process of the service was to be ended with code " + status);
            }
        });
    }

    /** Fails if the JVM ignores the restrictions, so that a job which violates them would pass. */
    private static void requireRestricted() throws IOException {
        boolean mayEnd = true;
        try {
            System.exit(1);
        } catch (SecurityException e) {
            mayEnd = false;
        }
        boolean mayWrite = true;
        try {
            Files.createFile(Path.of("probe"));
        } catch (SecurityException e) {
            mayWrite = false;
        }
        if (mayEnd || mayWrite) {
            throw new IllegalStateException("this JVM lets a program end it and write anywhere");
        }
    }
}
