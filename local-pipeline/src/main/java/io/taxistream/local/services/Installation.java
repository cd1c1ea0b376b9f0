package io.taxistream.local.services;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Locations of the built parts of the project.
 *
 * @param root top folder of the project
 * @param logFolder folder for the log files of a run
 */
public record Installation(Path root, Path logFolder) {

    private static final String VERSION = "1.0";

    /** Creates an installation whose log files go to its build folder. */
    public Installation(Path root) {
        this(root, root.resolve("local-pipeline/target/logs"));
    }

    /** Returns this installation with another folder for log files. */
    public Installation withLogFolder(Path folder) {
        return new Installation(root, folder);
    }

    /** Returns the installation that this class was loaded from: {@code ROOT/local-pipeline/target/(classes|*.jar)}. */
    public static Installation ofThisClass() {
        try {
            Path classes = Path.of(Installation.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return new Installation(classes.resolve("../../..").normalize());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the location of this class is not a file", e);
        }
    }

    public Path processorJar() {
        return jar("flink-taxi-stream-processor", "flink-taxi-stream-processor");
    }

    public Path producerJar() {
        return jar("kinesis-taxi-stream-producer", "kinesis-taxi-stream-producer");
    }

    /** Returns the jar of the program that runs OpenSearch; its libraries are next to it. */
    public Path searchJar() {
        return jar("local-pipeline/opensearch", "local-opensearch");
    }

    private Path jar(String module, String name) {
        return root.resolve(module).resolve("target").resolve(name + "-" + VERSION + ".jar");
    }

    /** Returns a folder for files that later runs can use. It need not exist or be writable. */
    public Path cacheFolder() {
        return root.resolve("local-pipeline/target/cache");
    }

    /** Returns the {@code java} executable of this process. */
    public Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /**
     * Checks that everything is built.
     *
     * @throws LocalPipelineException if a part was not built
     */
    public void requireBuilt() throws LocalPipelineException {
        for (Path part : new Path[] {
            processorJar(), producerJar(), searchJar(), searchJar().resolveSibling("lib")
        }) {
            if (!Files.exists(part)) {
                throw new LocalPipelineException(
                        root.relativize(part) + " is missing; build it with: ./mvnw -q -DskipTests package");
            }
        }
    }
}
