package io.taxistream.local.services;

/** The local pipeline cannot go on; the message is one line for a person that says what is wrong and what to do. */
public final class LocalPipelineException extends Exception {

    public LocalPipelineException(String message) {
        super(message);
    }

    public LocalPipelineException(String message, Throwable cause) {
        super(message, cause);
    }
}
