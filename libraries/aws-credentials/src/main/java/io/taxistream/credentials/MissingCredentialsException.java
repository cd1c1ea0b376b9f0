package io.taxistream.credentials;

import software.amazon.awssdk.core.exception.SdkClientException;

/** Thrown if the configured source has no credentials. The message names the source and says what to do. */
public final class MissingCredentialsException extends SdkClientException {

    private static final long serialVersionUID = 1;

    MissingCredentialsException(String message, Throwable cause) {
        super(SdkClientException.builder().message(message).cause(cause));
    }
}
