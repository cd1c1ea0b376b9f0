package io.taxistream.commandline;

import org.jspecify.annotations.Nullable;

/** Invalid command line; the message is one line that names the option, the value and what is accepted. */
public final class UsageException extends RuntimeException {

    public UsageException(String message) {
        this(message, null);
    }

    public UsageException(String message, @Nullable Throwable cause) {
        super(Printable.of(message), cause);
    }

    /**
     * Requires a condition on several options.
     *
     * @throws UsageException with this message unless the condition holds
     */
    public static void unless(boolean condition, String message) {
        if (!condition) {
            throw new UsageException(message);
        }
    }
}
