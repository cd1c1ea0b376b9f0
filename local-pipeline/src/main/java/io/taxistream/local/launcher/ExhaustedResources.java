package io.taxistream.local.launcher;

import io.taxistream.local.status.Messages;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Recognises failures caused by an exhausted resource of the machine, and suggests a remedy for each. */
final class ExhaustedResources {

    private enum Resource {
        THREADS(
                "no more threads can be started: raise the limit (ulimit -u), or use fewer --shards",
                "unable to create native thread",
                "unable to create new native thread"),
        MEMORY(
                "out of memory: enlarge the launcher's heap (TAXI_STREAM_HEAP=2g ./run-local.sh), or use fewer --shards"
                        + " or a lower --parallelism",
                "OutOfMemoryError",
                "Java heap space",
                "GC overhead limit exceeded",
                "Direct buffer memory"),
        DISK(
                "the disk is full: free some space, or set TMPDIR to a folder on another disk",
                "No space left on device",
                "Disk quota exceeded"),
        FILES("too many open files: raise the limit (ulimit -n)", "Too many open files");

        private final String line;

        @SuppressWarnings("ImmutableEnumChecker") // created by List.of
        private final List<String> symptoms;

        Resource(String line, String... symptoms) {
            this.line = line;
            this.symptoms = List.of(symptoms);
        }
    }

    private ExhaustedResources() {}

    /**
     * Returns the exhausted resource and the remedy, on one line.
     *
     * @param text message or stack trace of a failure
     * @return empty if the failure has another cause
     */
    static Optional<String> line(String text) {
        for (Resource resource : Resource.values()) {
            for (String symptom : resource.symptoms) {
                if (text.contains(symptom)) {
                    return Optional.of(resource.line);
                }
            }
        }
        return Optional.empty();
    }

    /** Like {@link #line(String)}, for the messages of a failure and its causes. */
    static Optional<String> line(Throwable failure) {
        StringBuilder text = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            text.append(cause).append('\n');
        }
        return line(text.toString());
    }

    /** Returns the message of a failure, preceded by the remedy if a resource is exhausted and the message lacks it. */
    static String explain(String message) {
        boolean isExplained = Arrays.stream(Resource.values()).anyMatch(resource -> message.startsWith(resource.line));
        return isExplained
                ? message
                : line(message)
                        .map(line -> line + " (" + Messages.oneLine(message) + ")")
                        .orElse(message);
    }
}
