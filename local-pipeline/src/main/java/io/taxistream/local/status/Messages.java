package io.taxistream.local.status;

import java.nio.file.FileSystemException;
import java.util.concurrent.ExecutionException;

/** Formats texts and exceptions as single lines. */
public final class Messages {

    private static final String ELLIPSIS = "…";

    private Messages() {}

    /** Collapses each run of white space into a space. */
    public static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    /** Collapses white space, and truncates the text to a maximum length, with an ellipsis if it was longer. */
    public static String oneLine(String text, int maxLength) {
        String line = oneLine(text);
        return line.length() <= maxLength ? line : line.substring(0, maxLength) + ELLIPSIS;
    }

    /** Returns the first line of the exception's message, or the name of its class if the message alone is not enough. */
    public static String of(Throwable failure) {
        if (failure.getMessage() == null) {
            return failure.getClass().getSimpleName();
        }
        if (failure instanceof FileSystemException file && file.getReason() == null) {
            // The message contains only a path.
            return file.getClass().getSimpleName() + ": " + file.getFile();
        }
        return failure.getMessage().lines().findFirst().orElse("").strip();
    }

    /** Like {@link #of}, for the root cause. */
    public static String ofRootCause(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root instanceof ExecutionException ? root.getClass().getSimpleName() : of(root);
    }
}
