package io.taxistream.credentials;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;

/** Creates clients of AWS Security Token Service. */
final class SecurityTokens {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

    private SecurityTokens() {}

    /** @param credentials credentials to sign requests with; null for unsigned requests */
    static StsClient client(String region, @Nullable AwsCredentialsProvider credentials) {
        return StsClient.builder()
                .region(Region.of(region))
                .credentialsProvider(credentials == null ? AnonymousCredentialsProvider.create() : credentials)
                .httpClientBuilder(Apache5HttpClient.builder()
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .socketTimeout(SOCKET_TIMEOUT))
                .overrideConfiguration(override -> override.apiCallTimeout(CALL_TIMEOUT))
                .build();
    }
}
