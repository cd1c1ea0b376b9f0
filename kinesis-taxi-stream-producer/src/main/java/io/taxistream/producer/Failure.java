package io.taxistream.producer;

import java.util.Locale;

/** Describes an unhandled error in one line: what happened and what to do. */
final class Failure {

    private static final long MEBIBYTE = 1 << 20;

    private Failure() {}

    /** Returns a one-line message for the user. */
    static String line(Throwable error) {
        if (error instanceof OutOfMemoryError) {
            return outOfMemory(String.valueOf(error.getMessage()));
        }
        if (error instanceof StackOverflowError) {
            return "a thread has run out of stack; start with a larger one, such as java -Xss4m -jar ...";
        }
        if (error instanceof LinkageError) {
            return "the jar is incomplete, or was replaced while it ran (" + inOneLine(error)
                    + "); build or copy it again and restart";
        }
        return "the producer failed unexpectedly: " + inOneLine(error) + "; please report this line";
    }

    private static String outOfMemory(String what) {
        String lower = what.toLowerCase(Locale.ROOT);
        if (lower.contains("thread")) {
            return "no more threads can be started; raise the limit of processes (ulimit -u, or that of the container)"
                    + " and start again";
        }
        if (lower.contains("direct") || lower.contains("reserve")) {
            return "out of memory outside the heap; start with more, such as java -XX:MaxDirectMemorySize=512m -jar ...";
        }
        if (lower.contains("metaspace") || lower.contains("class space")) {
            return "out of memory for classes; start without -XX:MaxMetaspaceSize or with a larger one";
        }
        return "out of memory: the heap of " + Runtime.getRuntime().maxMemory() / MEBIBYTE
                + " MiB is full; start with a larger one, such as java -Xmx1g -jar ...";
    }

    private static String inOneLine(Throwable error) {
        return error.toString().lines().findFirst().orElse("");
    }
}
