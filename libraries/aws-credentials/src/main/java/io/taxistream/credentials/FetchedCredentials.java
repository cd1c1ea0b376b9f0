package io.taxistream.credentials;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Credentials that are fetched and renewed as they are needed, until they are closed. */
public final class FetchedCredentials implements AwsCredentialsProvider, SdkAutoCloseable {

    private final AwsCredentialsProvider provider;

    private final @Nullable String whatIsMissing;

    private final SdkAutoCloseable[] resources;

    /**
     * @param whatIsMissing what to say if there are no credentials; null for what the SDK says
     * @param resources closed in this order
     */
    FetchedCredentials(AwsCredentialsProvider provider, @Nullable String whatIsMissing, SdkAutoCloseable... resources) {
        this.provider = provider;
        this.whatIsMissing = whatIsMissing;
        this.resources = resources;
    }

    /**
     * Current credentials.
     *
     * @throws MissingCredentialsException if the profile or the token file that was named is not there
     * @throws software.amazon.awssdk.services.sts.model.StsException if the token service refuses them
     * @throws SdkClientException if there are none for another reason
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
        return whatIsMissing == null ? cause : new MissingCredentialsException(whatIsMissing, cause);
    }

    @Override
    public void close() {
        for (SdkAutoCloseable resource : resources) {
            resource.close();
        }
    }
}
