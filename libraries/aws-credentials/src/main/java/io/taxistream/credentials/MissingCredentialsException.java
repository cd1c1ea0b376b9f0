package io.taxistream.credentials;

import software.amazon.awssdk.core.exception.SdkClientException;

/** The named source has no credentials; the message says which, and what to do. */
public final class MissingCredentialsException extends SdkClientException {

    private static final long serialVersionUID = 1;

    MissingCredentialsException(String message, Throwable cause) {
        super(SdkClientException.builder().message(message).cause(cause));
    }
}
