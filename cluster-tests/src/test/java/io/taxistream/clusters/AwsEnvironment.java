package io.taxistream.clusters;

import java.util.Map;

/** Environment variables with AWS credentials, in place of an instance role. */
final class AwsEnvironment {

    static final String REGION = "us-east-1";

    static final Map<String, String> CREDENTIALS = Map.of(
            "AWS_ACCESS_KEY_ID", "local",
            "AWS_SECRET_ACCESS_KEY", "local-secret",
            "AWS_EC2_METADATA_DISABLED", "true");

    private AwsEnvironment() {}
}
