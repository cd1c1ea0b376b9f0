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
            return "stack overflow in a thread; start with a larger stack, such as java -Xss4m -jar ...";
        }
        if (error instanceof LinkageError) {
            return "the jar is incomplete, or was replaced while it ran (" + inOneLine(error)
                    + "); build or copy it again and restart";
        }
        return "unexpected error: " + inOneLine(error) + "; please report it";
    }

    private static String outOfMemory(String what) {
        String lower = what.toLowerCase(Locale.ROOT);
        if (lower.contains("thread")) {
            return "no more threads can be started; raise the process limit (ulimit -u, or that of the container) and"
                    + " restart";
        }
        if (lower.contains("direct") || lower.contains("reserve")) {
            return "out of direct memory; start with a higher limit, such as java -XX:MaxDirectMemorySize=512m -jar"
                    + " ...";
        }
        if (lower.contains("metaspace") || lower.contains("class space")) {
            return "out of metaspace; start without -XX:MaxMetaspaceSize or with a higher limit";
        }
        return "out of memory: the heap of " + Runtime.getRuntime().maxMemory() / MEBIBYTE
                + " MiB is full; start with a larger heap, such as java -Xmx1g -jar ...";
    }

    private static String inOneLine(Throwable error) {
        return error.toString().lines().findFirst().orElse("");
    }
}
