package io.taxistream.clusters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.local.services.ChildProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Flink session cluster on this machine: one job manager and several task managers, each in its own process. */
final class SessionCluster implements Upgrade.Cluster, AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final int SLOTS_PER_TASK_MANAGER = 4;
    private static final Pattern SUBMITTED = Pattern.compile("Job has been submitted with JobID ([0-9a-f]{32})");

    private final Path folder;
    private final FlinkInstallation flink;
    private final FlinkRest rest;
    private final List<String> jobOptions;
    private final Deque<ChildProcess> processes = new ArrayDeque<>();

    private SessionCluster(Path folder, FlinkInstallation flink, FlinkRest rest, List<String> jobOptions) {
        this.folder = folder;
        this.flink = flink;
        this.rest = rest;
        this.jobOptions = jobOptions;
    }

    /**
     * Starts a cluster with the configuration that Flink ships, except for free ports and the number of slots.
     *
     * @param flinkLib folder with the jars of a Flink distribution
     */
    static SessionCluster start(Path flinkLib, Path folder, int taskManagers, List<String> jobOptions)
            throws Exception {
        int restPort = freePort();
        FlinkInstallation flink = FlinkInstallation.create(
                flinkLib,
                Files.createDirectories(folder.resolve("flink")),
                Map.of(
                        "rest.port", Integer.toString(restPort),
                        "jobmanager.rpc.port", Integer.toString(freePort()),
                        "taskmanager.numberOfTaskSlots", Integer.toString(SLOTS_PER_TASK_MANAGER)),
                Map.of(),
                List.of());
        SessionCluster cluster = new SessionCluster(
                folder, flink, new FlinkRest(URI.create("http://localhost:" + restPort)), jobOptions);
        try {
            cluster.processes.push(flink.startJobManager());
            for (int i = 0; i < taskManagers; i++) {
                cluster.processes.push(flink.startTaskManager());
            }
            await("task managers")
                    .atMost(TIMEOUT)
                    .ignoreExceptions()
                    .until(() -> cluster.rest.slots() == taskManagers * SLOTS_PER_TASK_MANAGER);
            return cluster;
        } catch (Exception | Error e) {
            cluster.close();
            throw e;
        }
    }

    FlinkInstallation flink() {
        return flink;
    }

    /** Returns the version of Flink that the job manager reports. */
    String flinkVersion() throws IOException, InterruptedException {
        return rest.get("/overview").get("flink-version").textValue();
    }

    /** Starts the first job in the foreground, as in the walk-through, and later ones detached. */
    @Override
    public RunningJob start(int parallelism, Optional<String> savepoint) throws Exception {
        List<String> command = new ArrayList<>(List.of("run", "-p", Integer.toString(parallelism)));
        savepoint.ifPresent(path -> command.addAll(List.of("-d", "-s", path)));
        command.add(BuildOutput.PROCESSOR.toString());
        command.addAll(jobOptions);

        if (savepoint.isPresent()) {
            FlinkInstallation.Result run = flink.flink(command);
            assertThat(run.exitCode()).as(run.text()).isZero();
            return job(run.lines()).orElseThrow(() -> new IOException("no job in: " + run.text()));
        }
        List<String> output = new CopyOnWriteArrayList<>();
        ChildProcess run = flink.startFlink(command, output::add);
        processes.push(run);
        await("a job in " + output).atMost(TIMEOUT).until(() -> job(output).isPresent() || !run.isAlive());
        return job(output).orElseThrow(() -> new IOException("no job in: " + output));
    }

    @Override
    public String savepoints() {
        return folder.resolve("savepoints").toUri().toString();
    }

    @Override
    public void close() {
        while (!processes.isEmpty()) {
            processes.pop().close();
        }
    }

    private Optional<RunningJob> job(List<String> output) {
        return output.stream()
                .map(SUBMITTED::matcher)
                .filter(Matcher::find)
                .map(found -> new RunningJob(flink, List.of(), found.group(1), rest))
                .findFirst();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
