package io.taxistream.local.services;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;

/**
 * Region and credentials of the local services, which listen on the loopback address only. They are not valid for AWS.
 *
 * <p>The secret is drawn for each process. Child processes receive it through the environment, which only their user can read;
 * command lines are visible to all users of the machine.
 */
public final class LocalCredentials {

    public static final String REGION = "us-east-1";
    public static final String ACCESS_KEY_ID = "local";
    public static final String SECRET_ACCESS_KEY = random();

    private static final int SECRET_BYTES = 20;

    private LocalCredentials() {}

    private static String random() {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

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
