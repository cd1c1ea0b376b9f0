package io.taxistream.clusters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.local.services.ChildProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Hadoop on this machine, and a Flink installation that submits to it as on EMR: each job is a separate application, whose
 * application master runs the job's main method and whose job and task managers are containers.
 */
final class YarnCluster implements Upgrade.Cluster, AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofMinutes(3);

    /** Prefix of the line that names the folder of Hadoop's configuration. */
    private static final String READY_PREFIX = "YARN is ready, configured by ";

    private static final Pattern WEB_INTERFACE =
            Pattern.compile("Found Web Interface (\\S+) of application '(application_\\d+_\\d+)'");
    private static final Pattern LISTED_JOB = Pattern.compile(" : ([0-9a-f]{32}) : .* \\(RUNNING\\)");

    private final ChildProcess hadoop;
    private final FlinkInstallation flink;
    private final List<String> jobOptions;

    private YarnCluster(ChildProcess hadoop, FlinkInstallation flink, List<String> jobOptions) {
        this.hadoop = hadoop;
        this.flink = flink;
        this.jobOptions = jobOptions;
    }

    /** Starts Hadoop. The nodes have the credentials of an instance role; the submitting client has none. */
    static YarnCluster start(Path folder, List<String> jobOptions) throws Exception {
        List<Path> classPath = hadoopClassPath();
        List<String> output = new CopyOnWriteArrayList<>();
        Path work = Files.createDirectories(folder.resolve("hadoop"));
        Map<String, String> environment = new HashMap<>(AwsEnvironment.CREDENTIALS);
        environment.put("JAVA_HOME", BuildOutput.JAVA_HOME.toString());
        environment.put("HADOOP_CONF_DIR", work.resolve("conf").toString());
        ChildProcess hadoop = ChildProcess.start(
                "yarn",
                List.of(
                        BuildOutput.JAVA.toString(),
                        "-jar",
                        BuildOutput.YARN.resolve("cluster-tests-yarn-1.0.jar").toString(),
                        work.toString(),
                        String.join(",", classPath.stream().map(Path::toString).toList())),
                environment,
                Files.createDirectories(folder.resolve("scratch")),
                output::add);
        try {
            await("Hadoop").atMost(TIMEOUT).until(() -> conf(output).isPresent() || !hadoop.isAlive());
            Path conf = conf(output).orElseThrow(() -> new IOException("Hadoop ended: " + String.join("\n", output)));
            FlinkInstallation flink = FlinkInstallation.create(
                    BuildOutput.FLINK_LIB,
                    Files.createDirectories(folder.resolve("flink")),
                    Map.of(
                            "taskmanager.numberOfTaskSlots", "4",
                            "execution.checkpointing.dir", "hdfs:///checkpoints"),
                    Map.of("HADOOP_CONF_DIR", conf.toString()),
                    Stream.concat(Stream.of(conf), classPath.stream()).toList());
            return new YarnCluster(hadoop, flink, jobOptions);
        } catch (Exception | Error e) {
            hadoop.close();
            throw e;
        }
    }

    @Override
    public RunningJob start(int parallelism, Optional<String> savepoint) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("run-application", "-t", "yarn-application", "-p", Integer.toString(parallelism)));
        savepoint.ifPresent(path -> command.addAll(List.of("-s", path)));
        command.add(BuildOutput.PROCESSOR.toString());
        command.addAll(jobOptions);
        FlinkInstallation.Result run = flink.flink(command);
        assertThat(run.exitCode()).as(run.text()).isZero();

        Matcher webInterface = WEB_INTERFACE.matcher(run.log());
        assertThat(webInterface.find())
                .as("the address of the job manager in %s", run.log())
                .isTrue();
        List<String> target = List.of("-t", "yarn-application", "-Dyarn.application.id=" + webInterface.group(2));
        return new RunningJob(
                flink, target, runningJob(target), new FlinkRest(URI.create("http://" + webInterface.group(1))));
    }

    @Override
    public String savepoints() {
        return "hdfs:///savepoints";
    }

    @Override
    public void close() {
        hadoop.close();
    }

    private String runningJob(List<String> target) throws Exception {
        List<String> command = new ArrayList<>(List.of("list"));
        command.addAll(target);
        return await("a running job")
                .atMost(TIMEOUT)
                .pollInterval(1, TimeUnit.SECONDS)
                .until(
                        () -> LISTED_JOB
                                .matcher(flink.flink(command).text())
                                .results()
                                .toList(),
                        jobs -> jobs.size() == 1)
                .get(0)
                .group(1);
    }

    private static Optional<Path> conf(List<String> output) {
        return output.stream()
                .filter(line -> line.startsWith(READY_PREFIX))
                .map(line -> Path.of(line.substring(READY_PREFIX.length())))
                .findFirst();
    }

    /** Returns the class path that Hadoop offers to its clients and to containers. */
    private static List<Path> hadoopClassPath() throws IOException {
        try (Stream<Path> jars = Files.list(BuildOutput.YARN.resolve("lib"))) {
            return jars.filter(jar -> jar.getFileName()
                            .toString()
                            .matches("(hadoop-client-api|hadoop-client-runtime|commons-logging)-.*"))
                    .sorted()
                    .toList();
        }
    }
}
