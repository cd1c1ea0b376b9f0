package io.taxistream.local.services;

import io.taxistream.local.status.Messages;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
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
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.execution.DefaultExecutorServiceLoader;
import org.apache.flink.metrics.prometheus.InProcessReporter;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;

/**
 * A Flink cluster in this process, with its REST endpoint and web UI on the loopback address.
 *
 * <p>Jobs are jars, submitted over REST as {@code flink run} does. Each has its own child-first class loader, unless the class
 * path of this process has its jar.
 */
public final class FlinkService implements AutoCloseable, TaskManagers {

    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final String REPORTER = "page";
    private static final int MAX_FAILURES_PER_MINUTE = 10;

    /**
     * For so long a job that lacks slots waits for another task manager, up to five minutes each time. Flink's scheduler accepts
     * 248 days at most.
     */
    private static final String STARTUP_PERIOD =
            Long.toString(Duration.ofDays(100).toMillis());

    private final MiniCluster cluster;
    private final Configuration configuration;
    private final Path workFolder;
    private final URI webPage;

    /** Indices of the running task managers in the mini cluster, oldest first. */
    private final List<Integer> taskManagers;

    private int nextTaskManager;

    private FlinkService(
            MiniCluster cluster, Configuration configuration, Path workFolder, URI webPage, int taskManagers) {
        this.cluster = cluster;
        this.configuration = configuration;
        this.workFolder = workFolder;
        this.webPage = webPage;
        this.taskManagers = IntStream.range(0, taskManagers).boxed().collect(Collectors.toCollection(ArrayList::new));
        this.nextTaskManager = taskManagers;
    }

    /**
     * Starts a cluster with one task manager.
     *
     * @param slots number of subtasks of an operator that can run concurrently
     * @param workFolder an existing folder for checkpoints, savepoints and temporary files
     */
    public static FlinkService start(int slots, Path workFolder) throws IOException, InterruptedException {
        return start(1, slots, workFolder);
    }

    /**
     * Starts a cluster with several task managers.
     *
     * @param slotsEach number of subtasks of an operator that each task manager can run concurrently
     * @param workFolder an existing folder for checkpoints, savepoints and temporary files
     */
    public static FlinkService start(int taskManagers, int slotsEach, Path workFolder)
            throws IOException, InterruptedException {
        Configuration configuration = configuration(workFolder);
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(taskManagers)
                .setNumSlotsPerTaskManager(slotsEach)
                .build());
        try {
            cluster.start();
            URI rest = cluster.getRestAddress().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            return new FlinkService(
                    cluster, configuration, workFolder, URI.create("http://127.0.0.1:" + rest.getPort()), taskManagers);
        } catch (InterruptedException e) {
            closeAfter(e, cluster);
            throw e;
        } catch (Exception e) {
            closeAfter(e, cluster);
            throw new IOException("Flink could not be started: " + Messages.ofRootCause(e), e);
        }
    }

    private static void closeAfter(Exception failure, MiniCluster cluster) {
        try {
            cluster.close();
        } catch (Exception e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Sets the minimum pause between checkpoints, and from the start of a job to its first checkpoint, for jobs that are
     * submitted from now on. A checkpoint that starts before all tasks are running fails.
     */
    public void pauseBeforeCheckpoints(Duration pause) {
        configuration.set(CheckpointingOptions.MIN_PAUSE_BETWEEN_CHECKPOINTS, pause);
    }

    /** Returns the metrics of the clusters in this process in Prometheus' text format; empty if there is none. */
    public static String metrics() {
        StringWriter text = new StringWriter();
        try {
            InProcessReporter.write(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** Returns the address of Flink's web UI and REST endpoint. */
    public URI webPage() {
        return webPage;
    }

    /**
     * Submits the job that a jar's main class defines.
     *
     * @throws LocalPipelineException if the main class fails or defines no job; the message contains the cause
     */
    public FlinkJob submit(Path jar, int parallelism, List<String> arguments)
            throws IOException, InterruptedException, LocalPipelineException {
        return submit(jar, parallelism, arguments, Optional.empty());
    }

    /**
     * Submits the job that a jar's main class defines, to start from a savepoint if one is given.
     *
     * @throws LocalPipelineException if the main class fails or defines no job; the message contains the cause
     */
    public FlinkJob submit(Path jar, int parallelism, List<String> arguments, Optional<String> savepoint)
            throws IOException, InterruptedException, LocalPipelineException {
        Configuration client = new Configuration(configuration);
        client.set(DeploymentOptions.TARGET, "remote");
        client.set(DeploymentOptions.ATTACHED, false);
        client.set(RestOptions.ADDRESS, webPage.getHost());
        client.set(RestOptions.PORT, webPage.getPort());
        client.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
        savepoint.ifPresent(path -> client.set(StateRecoveryOptions.SAVEPOINT_PATH, path));

        Set<JobID> before = jobs();
        try (PackagedProgram program = new JobJar(jar).program(arguments.toArray(String[]::new), client)) {
            ClientUtils.executeProgram(new DefaultExecutorServiceLoader(), client, program, true, true);
        } catch (ProgramInvocationException e) {
            throw new LocalPipelineException("the job could not be submitted: " + Messages.ofRootCause(e), e);
        }
        Set<JobID> submitted = jobs();
        submitted.removeAll(before);
        if (submitted.size() != 1) {
            throw new LocalPipelineException(
                    jar.getFileName() + " submitted " + submitted.size() + " jobs instead of" + " one");
        }
        return new FlinkJob(cluster, submitted.iterator().next(), webPage, workFolder.resolve("savepoints"));
    }

    /** Starts an additional task manager, and returns the number running. */
    @Override
    public synchronized int startTaskManager() throws IOException {
        try {
            cluster.startTaskManager();
        } catch (Exception e) {
            throw new IOException("the task manager could not be started: " + Messages.ofRootCause(e), e);
        }
        taskManagers.add(nextTaskManager);
        nextTaskManager++;
        return taskManagers.size();
    }

    @Override
    public int killTaskManager() throws IOException, InterruptedException {
        return killTaskManager(0);
    }

    /**
     * Kills a task manager; the job fails over to the remaining ones.
     *
     * @param taskManager index of the task manager, 0 for the oldest one running
     * @return number of remaining task managers
     */
    public synchronized int killTaskManager(int taskManager) throws IOException, InterruptedException {
        if (taskManager >= taskManagers.size()) {
            throw new IOException("there is no task manager to kill; start one");
        }
        try {
            cluster.terminateTaskManager(taskManagers.remove(taskManager)).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the task manager did not stop: " + Messages.ofRootCause(e), e);
        }
        return taskManagers.size();
    }

    /** Returns the number of running task managers. */
    public synchronized int taskManagers() {
        return taskManagers.size();
    }

    @Override
    public void close() throws IOException {
        try {
            cluster.closeAsync().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while Flink was being stopped", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("Flink did not stop cleanly: " + Messages.ofRootCause(e), e);
        }
    }

    private Set<JobID> jobs() throws IOException, InterruptedException {
        try {
            Set<JobID> ids = new HashSet<>();
            for (JobStatusMessage job : cluster.listJobs().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                ids.add(job.getJobId());
            }
            return ids;
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("the jobs in Flink cannot be listed: " + Messages.ofRootCause(e), e);
        }
    }

    private static Configuration configuration(Path workFolder) throws IOException {
        Configuration configuration = new Configuration();
        configuration.set(RestOptions.ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        configuration.set(RestOptions.BIND_PORT, "0");
        // The blob server and the data ports of task managers bind to all addresses by default.
        configuration.set(JobManagerOptions.ADDRESS, "127.0.0.1");
        configuration.set(JobManagerOptions.BIND_HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.HOST, "127.0.0.1");
        configuration.set(TaskManagerOptions.BIND_HOST, "127.0.0.1");
        // Flink's web UI is read-only; FlinkRestGuard refuses all other requests from a browser.
        configuration.set(WebOptions.SUBMIT_ENABLE, false);
        configuration.set(WebOptions.CANCEL_ENABLE, false);
        configuration.set(WebOptions.RESCALE_ENABLE, false);
        configuration.set(WebOptions.TMP_DIR, folder(workFolder, "web").toString());
        configuration.set(MetricOptions.REPORTERS_LIST, REPORTER);
        configuration.setString(
                "metrics.reporter." + REPORTER + ".factory.class", InProcessReporter.Factory.class.getName());
        configuration.set(MetricOptions.METRIC_FETCHER_UPDATE_INTERVAL, Duration.ofSeconds(1));
        configuration.set(CoreOptions.TMP_DIRS, folder(workFolder, "tmp").toString());
        configuration.set(
                BlobServerOptions.STORAGE_DIRECTORY, folder(workFolder, "blobs").toString());
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(32));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
        configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));

        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(5));
        configuration.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
        configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder(workFolder, "checkpoints").toUri().toString());
        configuration.set(
                CheckpointingOptions.SAVEPOINT_DIRECTORY,
                folder(workFolder, "savepoints").toUri().toString());

        // After this period, a job that lacks slots fails at once, and again every second, until it is given up.
        configuration.setString("resourcemanager.standalone.start-up-time", STARTUP_PERIOD);
        // Failures of local services are transient or permanent; endless restarts would hide the permanent ones.
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "failure-rate");
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FAILURE_RATE_MAX_FAILURES_PER_INTERVAL,
                MAX_FAILURES_PER_MINUTE);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FAILURE_RATE_FAILURE_RATE_INTERVAL, Duration.ofMinutes(1));
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FAILURE_RATE_DELAY, Duration.ofSeconds(1));
        return configuration;
    }

    private static Path folder(Path parent, String name) throws IOException {
        return Files.createDirectories(parent.resolve(name));
    }
}
