package io.taxistream.producer.input;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Prints the first records that could not be read and optionally writes all of them to a file, one per line: object,
 * line, reason and message, separated by tabs.
 */
public final class RejectLog implements RejectListener, AutoCloseable {

    private static final int SHOWN = 10;

    private final Consumer<String> messages;
    private final @Nullable Path file;
    private final @Nullable BufferedWriter writer;
    private long count;

    /**
     * @param file file for all rejected records, or {@code null}
     * @param overwrite whether an existing file may be overwritten; devices and pipes always may be
     * @param messages receives a line for each of the first rejected records
     * @throws InputFailedException if the file cannot be written, or exists and may not be overwritten
     */
    public RejectLog(@Nullable Path file, boolean overwrite, Consumer<String> messages) {
        this.messages = messages;
        this.file = file;
        try {
            this.writer =
                    file == null ? null : Files.newBufferedWriter(file, StandardCharsets.UTF_8, mode(file, overwrite));
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private static OpenOption[] mode(Path file, boolean overwrite) {
        boolean special = Files.exists(file) && !Files.isRegularFile(file);
        return overwrite || special
                ? new OpenOption[] {
                    StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE
                }
                : new OpenOption[] {StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE};
    }

    @Override
    public void rejected(String object, long line, RejectReason reason, String message) {
        count++;
        String shown = SingleLine.of(message);
        if (count <= SHOWN) {
            messages.accept("rejected " + object + " line " + line + " " + reason.label() + ": " + shown);
        } else if (count == SHOWN + 1) {
            messages.accept("more records were rejected; "
                    + (file == null ? "-rejects FILE writes them all" : "all are in " + file));
        }
        if (writer != null) {
            try {
                writer.write(SingleLine.of(object) + '\t' + line + '\t' + reason.label() + '\t' + shown);
                writer.newLine();
            } catch (IOException e) {
                throw unwritable(e);
            }
        }
    }

    @Override
    public void close() {
        if (writer != null) {
            try {
                writer.close();
            } catch (IOException e) {
                throw unwritable(e);
            }
        }
    }

    private InputFailedException unwritable(IOException e) {
        return new InputFailedException(
                "-rejects " + file + " cannot be written: " + IoFailureReason.of(e)
                        + "; name a new file in a writable folder with free space",
                e);
    }
}
