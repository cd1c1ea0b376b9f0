package io.taxistream.local.services;

/** The local pipeline cannot continue; the message is one line that says what is wrong and what to do. */
public final class LocalPipelineException extends Exception {

    public LocalPipelineException(String message) {
        super(message);
    }

    public LocalPipelineException(String message, Throwable cause) {
        super(message, cause);
    }
}
