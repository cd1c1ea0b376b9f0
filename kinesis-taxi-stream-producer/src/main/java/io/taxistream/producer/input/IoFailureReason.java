package io.taxistream.producer.input;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;

/** Describes why a file operation failed; the JDK's message is often only the path. */
public final class IoFailureReason {

    private IoFailureReason() {}

    /** Returns a short reason, such as {@code No space left on device}. */
    public static String of(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileSystemLoopException) {
            return "a link leads back to a folder that contains it";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "it already exists";
        }
        String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return SingleLine.of(reason == null ? e.getClass().getSimpleName() : reason);
    }
}
