package io.taxistream.local;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the built parts of the project lie.
 *
 * @param root the top folder of the project
 */
public record Installation(Path root) {

    /** The installation that this class was loaded from: {@code ROOT/local-pipeline/target/(classes|*.jar)}. */
    static Installation ofThisClass() {
        try {
            Path classes = Path.of(Installation.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return new Installation(classes.getParent().getParent().getParent());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the place of this class is not a file", e);
        }
    }

    Path processorJar() {
        return root.resolve("flink-taxi-stream-processor/target/flink-taxi-stream-processor-1.0.jar");
    }

    Path producerJar() {
        return root.resolve("kinesis-taxi-stream-producer/target/kinesis-taxi-stream-producer-1.0.jar");
    }

    /** The program that runs OpenSearch; its libraries lie beside it. */
    Path searchJar() {
        return root.resolve("local-pipeline/opensearch/target/local-opensearch-1.0.jar");
    }

    /** The {@code java} that runs this process. */
    Path java() {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /** The folder for the log files of the last run. */
    Path logFolder() {
        return root.resolve("local-pipeline/target/logs");
    }

    /** @throws LocalPipelineException if a part was not built */
    void requireBuilt() throws LocalPipelineException {
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
