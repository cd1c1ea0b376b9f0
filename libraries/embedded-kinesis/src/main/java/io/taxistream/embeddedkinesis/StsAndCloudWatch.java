package io.taxistream.embeddedkinesis;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Responds to calls that producers make to other services, on the same port: GetCallerIdentity of STS and PutMetricData of
 * CloudWatch, whose metrics are discarded.
 */
final class StsAndCloudWatch {

    private static final String XML = "text/xml";
    private static final String METRICS_TARGET = "GraniteServiceVersion20100801.";
    private static final String METRICS_PATH = "/service/GraniteServiceVersion20100801/";
    private static final byte[] EMPTY_CBOR_MAP = {(byte) 0xa0};

    private static final String CALLER_IDENTITY = """
            <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <GetCallerIdentityResult>
                <Arn>arn:aws:iam::%1$s:root</Arn>
                <UserId>%1$s</UserId>
                <Account>%1$s</Account>
              </GetCallerIdentityResult>
              <ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>
            </GetCallerIdentityResponse>
            """.formatted(StreamRegistry.ACCOUNT_ID);

    private static final String METRICS_RESPONSE = """
            <PutMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">
              <ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>
            </PutMetricDataResponse>
            """;

    private StsAndCloudWatch() {}

    /** A response with status 200. */
    // passed on once and never compared
    @SuppressWarnings("ArrayRecordComponent")
    record Answer(String contentType, Map<String, String> headers, byte[] body) {}

    /** Returns the response to a call of STS or CloudWatch; empty if the request is for Kinesis. */
    static Optional<Answer> answer(String path, @Nullable String target, byte[] body) {
        if (path.startsWith(METRICS_PATH)) {
            return Optional.of(
                    new Answer("application/cbor", Map.of("smithy-protocol", "rpc-v2-cbor"), EMPTY_CBOR_MAP));
        }
        if (target != null) {
            return target.startsWith(METRICS_TARGET)
                    ? Optional.of(new Answer("application/x-amz-json-1.0", Map.of(), utf8("{}")))
                    : Optional.empty();
        }
        String form = new String(body, StandardCharsets.UTF_8);
        if (form.contains("Action=GetCallerIdentity")) {
            return Optional.of(new Answer(XML, Map.of(), utf8(CALLER_IDENTITY)));
        }
        if (form.contains("Action=PutMetricData")) {
            return Optional.of(new Answer(XML, Map.of(), utf8(METRICS_RESPONSE)));
        }
        return Optional.empty();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
