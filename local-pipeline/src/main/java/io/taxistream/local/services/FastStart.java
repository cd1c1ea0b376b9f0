package io.taxistream.local.services;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** JVM options with which child processes need less processor time to start. */
final class FastStart {

    /** System property, set by {@code run-local.sh} to make the archives. */
    private static final String RECORD_PROPERTY = "taxistream.archive";

    private static final String JAR = ".jar";

    /**
     * Options with which C2 compiles methods after sixteen times as many calls and loops as by default. Methods that handle
     * trips reach that in seconds; for most others, C2 takes more time than its code saves. {@code run-local.sh} sets the same
     * options for this process.
     */
    static final List<String> LATE_C2 = List.of(
            "-XX:Tier4InvocationThreshold=80000",
            "-XX:Tier4MinInvocationThreshold=9600",
            "-XX:Tier4CompileThreshold=240000",
            "-XX:Tier4BackEdgeThreshold=640000");

    private FastStart() {}

    /** Whether child processes write new archives when they exit, which takes seconds. */
    static boolean isRecording() {
        return Boolean.getBoolean(RECORD_PROPERTY);
    }

    /**
     * Returns the options with which a JVM uses the archive of its classes (class-data sharing) next to its jar, if there is
     * one: it maps the classes instead of loading and verifying each. It ignores an archive of another JVM or of other jars.
     * {@code run-local.sh} makes the archives after a build.
     */
    static List<String> classArchive(Path jar) {
        String path = jar.toString();
        String archive = path.substring(0, path.length() - JAR.length()) + ".jsa";
        if (isRecording()) {
            return List.of("-XX:ArchiveClassesAtExit=" + archive + ".new");
        }
        return Files.isReadable(Path.of(archive))
                ? List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off", "-Xlog:cds+dynamic=off")
                : List.of();
    }
}
