package io.taxistream.credentials;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Credentials that are fetched on demand and renewed until they are closed. */
public final class FetchedCredentials implements AwsCredentialsProvider, SdkAutoCloseable {

    private final AwsCredentialsProvider provider;

    private final @Nullable String missingMessage;

    private final SdkAutoCloseable[] resources;

    /**
     * @param missingMessage message for missing credentials; null to use the message of the SDK
     * @param resources closed in this order
     */
    FetchedCredentials(
            AwsCredentialsProvider provider, @Nullable String missingMessage, SdkAutoCloseable... resources) {
        this.provider = provider;
        this.missingMessage = missingMessage;
        this.resources = resources;
    }

    /**
     * Returns the current credentials.
     *
     * @throws MissingCredentialsException if the configured profile or token file does not exist
     * @throws software.amazon.awssdk.services.sts.model.StsException if the token service rejects the request
     * @throws SdkClientException if no credentials are available for another reason
     */
    @Override
    public AwsCredentials resolveCredentials() {
        try {
            return provider.resolveCredentials();
        } catch (UncheckedIOException e) {
            throw missing(e);
        } catch (SdkClientException e) {
            if (e.getCause() instanceof IOException) {
                throw e; // the token service did not answer
            }
            throw missing(e);
        }
    }

    private RuntimeException missing(RuntimeException cause) {
        return missingMessage == null ? cause : new MissingCredentialsException(missingMessage, cause);
    }

    @Override
    public void close() {
        for (SdkAutoCloseable resource : resources) {
            resource.close();
        }
    }
}
