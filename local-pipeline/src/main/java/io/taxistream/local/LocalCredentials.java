package io.taxistream.local;

import java.util.Map;

/** The region and the credentials of the local services; they open nothing but what listens on the loopback address. */
final class LocalCredentials {

    static final String REGION = "us-east-1";
    static final String ACCESS_KEY_ID = "local";
    static final String SECRET_ACCESS_KEY = "local-secret";

    private LocalCredentials() {}

    /** As the AWS SDK of a child process reads them. */
    static Map<String, String> asEnvironment() {
        return Map.of(
                "AWS_ACCESS_KEY_ID", ACCESS_KEY_ID,
                "AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY,
                "AWS_REGION", REGION,
                "AWS_EC2_METADATA_DISABLED", "true");
    }

    /**
     * Sets them as the AWS SDK reads them in this process, where the Flink job runs. They come before all other sources
     * of the default credential chain.
     */
    static void setSystemProperties() {
        System.setProperty("aws.accessKeyId", ACCESS_KEY_ID);
        System.setProperty("aws.secretAccessKey", SECRET_ACCESS_KEY);
        System.clearProperty("aws.sessionToken");
        System.setProperty("aws.region", REGION);
        System.setProperty("aws.disableEc2Metadata", "true");
    }
}
