package io.taxistream.eventtime.sender;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Credentials for a stream from the SDK's default chain. */
final class StreamCredentials {

    private StreamCredentials() {}

    /**
     * Returns credentials after checking that they are available.
     *
     * @throws SenderFailedException if there are none; an endpoint on this machine gets placeholder credentials instead
     */
    static AwsCredentialsProvider of(StreamEndpoint endpoint) {
        AwsCredentialsProvider credentials =
                DefaultCredentialsProvider.builder().build();
        try {
            credentials.resolveCredentials();
            return credentials;
        } catch (SdkClientException e) {
            if (endpoint.isLoopback()) {
                return StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));
            }
            throw new SenderFailedException(
                    "no AWS credentials found; set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, log in"
                            + " with aws sso login, or run where a role provides them",
                    e);
        }
    }
}
