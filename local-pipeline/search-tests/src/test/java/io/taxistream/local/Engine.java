package io.taxistream.local;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** The search engines that the sink supports, and the location of each in the build. */
enum Engine {
    ELASTICSEARCH_7("engines/elasticsearch-7", "engines/elasticsearch-7", "elasticsearch.LocalElasticsearch", 17),
    OPENSEARCH_1("engines/opensearch-1", "engines/opensearch-1", "opensearch.LocalOpenSearch", 17),
    OPENSEARCH_2("opensearch", "opensearch", "opensearch.LocalOpenSearch", 17),
    /** Libraries of OpenSearch 3, run by the program that was compiled against an older version. */
    OPENSEARCH_3("opensearch", "engines/opensearch-3", "opensearch.LocalOpenSearch", 21);

    /** System property that names a JDK for engines that need a newer one than the tests. */
    static final String JAVA_HOME_PROPERTY = "engine.java.home";

    private static final Path INSTALLED_JDKS = Path.of("/usr/lib/jvm");

    private final String program;
    private final String libraries;
    private final String mainClass;
    private final int javaVersion;

    Engine(String program, String libraries, String mainClass, int javaVersion) {
        this.program = program;
        this.libraries = libraries;
        this.mainClass = "io.taxistream.local." + mainClass;
        this.javaVersion = javaVersion;
    }

    /** Returns the command that runs the engine, without its arguments; empty if there is no suitable JDK. */
    Optional<List<String>> command() throws IOException {
        Path modules = Path.of("..").toAbsolutePath().normalize();
        String classPath = modules.resolve(program).resolve("target/classes") + ":"
                + modules.resolve(libraries).resolve("target/lib") + "/*";
        return javaHome()
                .map(home -> List.of(
                        home.resolve("bin/java").toString(),
                        "-Xms256m",
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        classPath,
                        mainClass));
    }

    /** Describes the missing JDK when there is no command. */
    String requirement() {
        return this + " needs JDK " + javaVersion + " or newer, and there is none in " + INSTALLED_JDKS
                + "; name one by -D" + JAVA_HOME_PROPERTY;
    }

    private Optional<Path> javaHome() throws IOException {
        if (Runtime.version().feature() >= javaVersion) {
            return Optional.of(Path.of(System.getProperty("java.home")));
        }
        if (System.getProperty(JAVA_HOME_PROPERTY) != null) {
            return Optional.of(Path.of(System.getProperty(JAVA_HOME_PROPERTY)));
        }
        if (!Files.isDirectory(INSTALLED_JDKS)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(INSTALLED_JDKS)) {
            for (Path home : homes.sorted().toList()) {
                if (version(home) >= javaVersion) {
                    return Optional.of(home);
                }
            }
        }
        return Optional.empty();
    }

    /** Returns the feature version of a JDK, 0 if the folder does not contain one. */
    private static int version(Path home) throws IOException {
        Path release = home.resolve("release");
        if (!Files.exists(release) || !Files.isExecutable(home.resolve("bin/java"))) {
            return 0;
        }
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(release)));
        String version = properties.getProperty("JAVA_VERSION", "0").replace("\"", "");
        return Integer.parseInt(version.split("[^0-9]", 2)[0]);
    }
}
