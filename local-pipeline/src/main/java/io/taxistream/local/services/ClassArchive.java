package io.taxistream.local.services;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Archive of the classes of a child process (class-data sharing), next to its jar, which {@code run-local.sh} makes after a
 * build. A JVM maps the classes in it instead of loading and verifying each. It ignores an archive of another JVM or of other
 * jars.
 */
final class ClassArchive {

    /** System property with which child processes write new archives when they exit. */
    private static final String RECORD_PROPERTY = "taxistream.archive";

    private static final String JAR = ".jar";

    private ClassArchive() {}

    /** Whether child processes write new archives when they exit, which takes seconds. */
    static boolean isRecorded() {
        return Boolean.getBoolean(RECORD_PROPERTY);
    }

    /** Returns the options for a JVM that runs this jar. */
    static List<String> options(Path jar) {
        String path = jar.toString();
        String archive = path.substring(0, path.length() - JAR.length()) + ".jsa";
        if (isRecorded()) {
            return List.of("-XX:ArchiveClassesAtExit=" + archive + ".new");
        }
        return Files.isReadable(Path.of(archive))
                ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off", "-Xlog:cds+dynamic=off")
                : List.of();
    }
}
