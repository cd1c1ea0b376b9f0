package io.taxistream.producer.input;

import io.taxistream.eventtime.Loopback;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.apache5.ProxyConfiguration;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.RequestPayer;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The objects under a prefix of an S3 bucket in any region. Without credentials, requests are unsigned, which suffices
 * for public buckets.
 */
public final class S3Store implements InputStore {

    private static final int RETRIES = 8;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);

    private final S3Client s3;
    private final String bucket;
    private final String prefix;

    private final @Nullable RequestPayer payer;

    /**
     * Access to a bucket.
     *
     * @param region region of the first request
     * @param endpoint alternative endpoint with path-style addressing, or {@code null} for that of AWS
     * @param anonymous whether requests are unsigned even if there are credentials
     * @param requesterPays whether requests carry the requester-pays header
     */
    public record Access(String region, @Nullable URI endpoint, boolean anonymous, boolean requesterPays) {}

    /**
     * @param prefix common prefix of the keys to read
     */
    public S3Store(String bucket, String prefix, Access access) {
        this.s3 = client(access);
        this.bucket = bucket;
        this.prefix = prefix;
        this.payer = access.requesterPays() ? RequestPayer.REQUESTER : null;
    }

    @Override
    public List<InputObject> list() {
        List<InputObject> objects;
        // A hidden folder named explicitly is meant to be read.
        int folder = prefix.lastIndexOf('/') + 1;
        try {
            objects = s3
                    .listObjectsV2Paginator(ListObjectsV2Request.builder()
                            .bucket(bucket)
                            .prefix(prefix)
                            .requestPayer(payer)
                            // a key may contain characters that XML does not allow
                            .encodingType(EncodingType.URL)
                            .build())
                    .contents()
                    .stream()
                    .filter(object -> object.size() > 0
                            && !object.key().endsWith("/")
                            && !HiddenFiles.isHidden(object.key().substring(folder)))
                    .map(this::tripObject)
                    .toList();
        } catch (SdkException e) {
            throw unreadable("s3://" + bucket + "/" + prefix, e);
        }
        if (objects.isEmpty()) {
            throw new InputFailedException("s3://" + bucket + "/" + prefix
                    + " holds no objects; check -bucket and -prefix (a prefix is the beginning of the keys, without a"
                    + " leading /)");
        }
        return objects;
    }

    @Override
    public void close() {
        s3.close();
    }

    private InputObject tripObject(S3Object object) {
        return new InputObject(object.key(), object.size(), (from, to) -> {
            ResumingInputStream.Opener opener = position -> open(object, position, to);
            try {
                return new ResumingInputStream(opener, from, to, RETRIES, FIRST_BACKOFF);
            } catch (IOException e) {
                throw new InputFailedException(
                        "s3://" + bucket + "/" + object.key() + " cannot be read: " + e.getMessage(), e);
            }
        });
    }

    private InputStream open(S3Object object, long from, long to) throws IOException {
        var request = GetObjectRequest.builder()
                .bucket(bucket)
                .key(object.key())
                .ifMatch(object.eTag())
                .requestPayer(payer);
        if (from > 0 || to < object.size()) {
            request.range("bytes=" + from + "-" + (to - 1));
        }
        try {
            return new AbortedWhenClosed(s3.getObject(request.build()));
        } catch (SdkException e) {
            if (isTransient(e)) {
                throw new IOException(reason(e), e);
            }
            throw unreadable("s3://" + bucket + "/" + object.key(), e);
        }
    }

    /** Aborts the connection when closed early; the SDK would otherwise read the rest of the object. */
    private static final class AbortedWhenClosed extends FilterInputStream {

        private final ResponseInputStream<?> response;
        private boolean atEnd;

        AbortedWhenClosed(ResponseInputStream<?> response) {
            super(response);
            this.response = response;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = response.read(bytes, offset, length);
            atEnd = count < 0;
            return count;
        }

        @Override
        public void close() throws IOException {
            if (atEnd) {
                response.close();
            } else {
                response.abort();
            }
        }
    }

    private static boolean isTransient(SdkException e) {
        return e instanceof S3Exception s3Error ? s3Error.statusCode() >= 500 : e instanceof SdkClientException;
    }

    private InputFailedException unreadable(String what, SdkException e) {
        return new InputFailedException(what + " cannot be read: " + reason(e), e);
    }

    private String reason(SdkException e) {
        if (e instanceof NoSuchBucketException) {
            return "there is no such bucket; check -bucket";
        }
        if (e instanceof S3Exception s3Error) {
            String error = s3Error.awsErrorDetails() == null
                    ? "status " + s3Error.statusCode()
                    : String.valueOf(s3Error.awsErrorDetails().errorCode());
            return switch (s3Error.statusCode()) {
                case 401, 403 ->
                    "access denied (" + error
                            + "); check that your credentials allow s3:ListBucket and s3:GetObject, or use -anonymous"
                            + " for a public bucket, or -requesterPays for a requester-pays bucket";
                case 404 -> "there is no such bucket or object (" + error + "); check -bucket and -prefix";
                case 412 -> "the object was replaced while it was read; restart the replay";
                default -> "S3 returned " + SingleLine.of(error) + "; try again";
            };
        }
        // The rest of the SDK's message, about possible causes, is many lines long.
        String message = SingleLine.of(String.valueOf(e.getMessage()));
        int end = message.indexOf(". ");
        return (end < 0 ? message : message.substring(0, end)) + "; check the network, -region and -s3Endpoint";
    }

    private static S3Client client(Access access) {
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(access.region()))
                .crossRegionAccessEnabled(true)
                .httpClientBuilder(Apache5HttpClient.builder().proxyConfiguration(proxy(access.endpoint())))
                .credentialsProvider(access.anonymous() ? AnonymousCredentialsProvider.create() : credentials());
        if (access.endpoint() != null) {
            builder.endpointOverride(access.endpoint()).forcePathStyle(true);
        }
        return builder.build();
    }

    /** Returns the proxy of the environment, but none for this machine, which no proxy can reach. */
    private static ProxyConfiguration proxy(@Nullable URI endpoint) {
        boolean remote = endpoint == null || !Loopback.isHostOf(endpoint);
        return ProxyConfiguration.builder()
                .useSystemPropertyValues(remote)
                .useEnvironmentVariableValues(remote)
                .build();
    }

    private static AwsCredentialsProvider credentials() {
        AwsCredentialsProvider credentials =
                DefaultCredentialsProvider.builder().build();
        try {
            credentials.resolveCredentials();
            return credentials;
        } catch (SdkClientException e) {
            // No credentials: public buckets are readable without, and others respond "access denied".
            return AnonymousCredentialsProvider.create();
        }
    }
}
