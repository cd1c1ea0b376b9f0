package io.taxistream.local;

/** The local pipeline cannot go on; the message is one line for a person that says what is wrong and what to do. */
final class LocalPipelineException extends Exception {

    LocalPipelineException(String message) {
        super(message);
    }

    LocalPipelineException(String message, Throwable cause) {
        super(message, cause);
    }
}
