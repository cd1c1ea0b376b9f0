package io.taxistream.clusters;

import io.taxistream.local.services.ChildProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An unpacked Flink: its jars, its configuration, and the processes that its scripts start, with exactly the class path,
 * options and environment that the scripts set.
 */
final class FlinkInstallation {

    private static final String JAVA_OPTIONS = "env.java.opts.all: ";

    /** Prefix of the lines that the program that computes memory sizes prints for the scripts. */
    private static final String RESULT_PREFIX = "BASH_JAVA_UTILS_EXEC_RESULT:";

    /** The one option that no script sets. Processes live for seconds here, too short for optimised compilation to pay off. */
    private static final String QUICK_COMPILER = "-XX:TieredStopAtLevel=1";

    private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(3);

    private final Path lib;
    private final Path folder;
    private final Path conf;
    private final List<String> javaOptions;
    private final Map<String, String> environment;
    private final List<Path> hadoopClassPath;
    private final AtomicInteger processes = new AtomicInteger();

    private FlinkInstallation(
            Path lib,
            Path folder,
            List<String> javaOptions,
            Map<String, String> environment,
            List<Path> hadoopClassPath) {
        this.lib = lib;
        this.folder = folder;
        this.conf = folder.resolve("conf");
        this.javaOptions = javaOptions;
        this.environment = environment;
        this.hadoopClassPath = hadoopClassPath;
    }

    /**
     * Creates an installation.
     *
     * @param lib the jars of a version of Flink
     * @param folder an empty folder for configuration, logs and temporary files
     * @param settings settings that the user has added to the configuration that Flink ships
     * @param environment variables that the user has exported in the shell
     * @param hadoopClassPath value of {@code HADOOP_CLASSPATH} that the user has exported
     */
    static FlinkInstallation create(
            Path lib,
            Path folder,
            Map<String, String> settings,
            Map<String, String> environment,
            List<Path> hadoopClassPath)
            throws IOException {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        List<String> config = new ArrayList<>(resource("config.yaml").lines().toList());
        settings.forEach((key, value) -> config.add(key + ": " + value));
        config.add("io.tmp.dirs: " + Files.createDirectory(folder.resolve("tmp")));
        Files.write(conf.resolve("config.yaml"), config);
        Files.writeString(conf.resolve("log4j.properties"), resource("log4j.properties"));
        Files.createDirectory(folder.resolve("log"));
        Files.createDirectory(folder.resolve("plugins"));

        List<String> javaOptions = config.stream()
                .filter(line -> line.startsWith(JAVA_OPTIONS))
                .map(line -> List.of(line.substring(JAVA_OPTIONS.length()).split(" ", -1)))
                .findFirst()
                .orElseThrow();
        return new FlinkInstallation(lib, folder, javaOptions, environment, hadoopClassPath);
    }

    /** Returns the lines in the logs of all processes that contain a text. */
    List<String> logLines(String text) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> logs = Files.list(logFolder())) {
            for (Path log : logs.toList()) {
                Files.readAllLines(log).stream()
                        .filter(line -> line.contains(text))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private Path logFolder() {
        return folder.resolve("log");
    }

    /** Starts a job manager of a session cluster, as {@code jobmanager.sh start} does. */
    ChildProcess startJobManager() throws IOException, InterruptedException {
        return startDaemon(
                "jobmanager",
                "GET_JM_RESOURCE_PARAMS",
                List.of(
                        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                        "--configDir",
                        conf.toString(),
                        "--executionMode",
                        "cluster"));
    }

    /** Starts a task manager of a session cluster, as {@code taskmanager.sh start} does. */
    ChildProcess startTaskManager() throws IOException, InterruptedException {
        return startDaemon(
                "taskmanager",
                "GET_TM_RESOURCE_PARAMS",
                List.of("org.apache.flink.runtime.taskexecutor.TaskManagerRunner", "--configDir", conf.toString()));
    }

    /**
     * Result of a command.
     *
     * @param lines standard output and standard error, interleaved
     * @param log contents of the command's log
     */
    record Result(int exitCode, List<String> lines, String log) {

        String text() {
            return String.join("\n", lines);
        }
    }

    /** Runs {@code flink} with these arguments and waits until it exits. */
    Result flink(List<String> arguments) throws IOException, InterruptedException {
        List<String> lines = new CopyOnWriteArrayList<>();
        String name = uniqueName("client");
        try (ChildProcess client = startFlink(name, arguments, lines::add)) {
            int exitCode = exitCode(client, "flink " + arguments);
            return new Result(exitCode, lines, Files.readString(logFile(name)));
        }
    }

    /** Starts {@code flink} with these arguments. */
    ChildProcess startFlink(List<String> arguments, Consumer<String> output) throws IOException {
        return startFlink(uniqueName("client"), arguments, output);
    }

    private ChildProcess startFlink(String name, List<String> arguments, Consumer<String> output) throws IOException {
        List<String> command = new ArrayList<>(List.of("org.apache.flink.client.cli.CliFrontend"));
        command.addAll(arguments);
        return startJava(name, List.of(), command, Map.of(), output);
    }

    private ChildProcess startDaemon(String kind, String sizesCommand, List<String> mainAndArguments)
            throws IOException, InterruptedException {
        String name = uniqueName(kind);
        List<String> sizes = new ArrayList<>();
        List<String> output = new CopyOnWriteArrayList<>();
        try (ChildProcess program = startJava(
                uniqueName("sizes"),
                List.of(),
                List.of(
                        "org.apache.flink.runtime.util.bash.BashJavaUtils",
                        sizesCommand,
                        "--configDir",
                        conf.toString()),
                Map.of(),
                output::add)) {
            if (exitCode(program, sizesCommand) != 0) {
                throw new IOException("Flink cannot size its " + name + ": " + output);
            }
        }
        // The script reads two lines: options of the JVM, and arguments of the program.
        output.stream()
                .filter(line -> line.startsWith(RESULT_PREFIX))
                .map(line -> line.substring(RESULT_PREFIX.length()))
                .forEach(sizes::add);
        if (sizes.size() != 2) {
            throw new IOException("Flink does not say what size its " + name + " has: " + output);
        }
        List<String> command = new ArrayList<>(mainAndArguments);
        command.addAll(words(sizes.get(1)));
        Path console = logFolder().resolve(name + ".out");
        Files.createFile(console);
        return startJava(name, words(sizes.get(0)), command, AwsEnvironment.CREDENTIALS, line -> append(console, line));
    }

    private String uniqueName(String kind) {
        return kind + "-" + processes.getAndIncrement();
    }

    private Path logFile(String name) {
        return logFolder().resolve(name + ".log");
    }

    private ChildProcess startJava(
            String name,
            List<String> sizes,
            List<String> mainAndArguments,
            Map<String, String> moreEnvironment,
            Consumer<String> output)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(BuildOutput.JAVA.toString(), QUICK_COMPILER));
        command.addAll(sizes);
        command.addAll(javaOptions);
        command.add("-Dlog.file=" + logFile(name));
        command.add(
                "-Dlog4j.configurationFile=" + conf.resolve("log4j.properties").toUri());
        command.addAll(List.of("-classpath", classPath()));
        command.addAll(mainAndArguments);

        Map<String, String> all = new HashMap<>(environment);
        all.put("JAVA_HOME", BuildOutput.JAVA_HOME.toString());
        all.put("FLINK_CONF_DIR", conf.toString());
        all.put("FLINK_LIB_DIR", lib.toString());
        all.put("FLINK_PLUGINS_DIR", folder.resolve("plugins").toString());
        all.putAll(moreEnvironment);
        return ChildProcess.start(
                name,
                command,
                all,
                Files.createDirectories(folder.resolve("scratch").resolve(name)),
                output);
    }

    /** Returns every jar of the lib folder, sorted by name, followed by the class path of Hadoop. */
    private String classPath() throws IOException {
        try (Stream<Path> jars = Files.list(lib)) {
            return Stream.concat(jars.sorted(), hadoopClassPath.stream())
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }

    private static int exitCode(ChildProcess process, String what) throws IOException, InterruptedException {
        try {
            return process.exitCode().get(COMMAND_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(what + " has not ended within " + COMMAND_TIMEOUT.toSeconds() + " s", e);
        }
    }

    private static List<String> words(String line) {
        return Stream.of(line.split(" ", -1)).filter(word -> !word.isEmpty()).toList();
    }

    private static void append(Path file, String line) {
        try {
            Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }

    private static String resource(String name) throws IOException {
        try (var in = FlinkInstallation.class.getResourceAsStream("/flink-conf/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
