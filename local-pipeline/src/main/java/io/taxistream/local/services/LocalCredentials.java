package io.taxistream.local.services;

import java.util.Map;

/** Region and credentials of the local services, which listen on the loopback address only. They are not valid for AWS. */
public final class LocalCredentials {

    public static final String REGION = "us-east-1";
    public static final String ACCESS_KEY_ID = "local";
    public static final String SECRET_ACCESS_KEY = "local-secret";

    private LocalCredentials() {}

    /** Returns the environment variables for the AWS SDK of a child process. */
    public static Map<String, String> asEnvironment() {
        return Map.of(
                "AWS_ACCESS_KEY_ID", ACCESS_KEY_ID,
                "AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY,
                "AWS_REGION", REGION,
                "AWS_EC2_METADATA_DISABLED", "true");
    }

    /**
     * Sets the system properties for the AWS SDK in this process, where the Flink job runs. They take precedence over all other
     * sources of the default credential chain.
     */
    public static void setSystemProperties() {
        System.setProperty("aws.accessKeyId", ACCESS_KEY_ID);
        System.setProperty("aws.secretAccessKey", SECRET_ACCESS_KEY);
        System.clearProperty("aws.sessionToken");
        System.setProperty("aws.region", REGION);
        System.setProperty("aws.disableEc2Metadata", "true");
    }
}
