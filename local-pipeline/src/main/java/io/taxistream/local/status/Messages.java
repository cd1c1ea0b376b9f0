package io.taxistream.local.status;

import java.nio.file.FileSystemException;
import java.util.concurrent.ExecutionException;

/** Turns texts and exceptions into single lines. */
public final class Messages {

    private static final String ELLIPSIS = "…";

    private Messages() {}

    /** The text on one line: each run of white space becomes a space. */
    public static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    /** The text on one line of at most so many characters, and an ellipsis if it was longer. */
    public static String oneLine(String text, int maxLength) {
        String line = oneLine(text);
        return line.length() <= maxLength ? line : line.substring(0, maxLength) + ELLIPSIS;
    }

    /** First line of the exception's message, or the name of its class where the message alone says nothing. */
    public static String of(Throwable failure) {
        if (failure.getMessage() == null) {
            return failure.getClass().getSimpleName();
        }
        if (failure instanceof FileSystemException file && file.getReason() == null) {
            // The message is a path and nothing else.
            return file.getClass().getSimpleName() + ": " + file.getFile();
        }
        return failure.getMessage().lines().findFirst().orElse("").strip();
    }

    /** As {@link #of}, of the first cause. */
    public static String ofRootCause(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root instanceof ExecutionException ? root.getClass().getSimpleName() : of(root);
    }
}
