package io.taxistream.clusters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Locations of the artifacts under test, all built before this module, and of the tests' own output. */
final class BuildOutput {

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** The jar that users submit. */
    static final Path PROCESSOR =
            ROOT.resolve("flink-taxi-stream-processor/target/flink-taxi-stream-processor-1.0.jar");

    /** The jar that replays trips. */
    static final Path PRODUCER =
            ROOT.resolve("kinesis-taxi-stream-producer/target/kinesis-taxi-stream-producer-1.0.jar");

    /** Folder with the jars of the Flink distribution. */
    static final Path FLINK_LIB = ROOT.resolve("cluster-tests/flink/target/flink/lib");

    /** Folder with the jars of Flink 2. */
    static final Path FLINK_2_LIB = ROOT.resolve("cluster-tests/flink-2/target/flink/lib");

    /** Folder with the program that runs a Hadoop cluster, and its jars. */
    static final Path YARN = ROOT.resolve("cluster-tests/yarn/target");

    static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    static final Path JAVA = JAVA_HOME.resolve("bin/java");

    private BuildOutput() {}

    /** Creates an empty folder that is kept after the test, so that its logs can be read. */
    static Path emptyFolder(String name) throws IOException {
        Path folder = Path.of("target", "clusters", name).toAbsolutePath();
        if (Files.exists(folder)) {
            try (Stream<Path> old = Files.walk(folder)) {
                for (Path path : old.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        return Files.createDirectories(folder);
    }
}
