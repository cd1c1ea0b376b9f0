package io.taxistream.eventtime.source;

import io.taxistream.credentials.MissingCredentialsException;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.model.ExpiredIteratorException;
import software.amazon.awssdk.services.kinesis.model.ExpiredNextTokenException;
import software.amazon.awssdk.services.kinesis.model.InternalFailureException;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.KmsThrottlingException;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ValidationException;
import software.amazon.awssdk.services.sts.model.StsException;

/** Classifies failures of the AWS SDK and adds one line of advice. */
final class AwsFailures {

    /** Error codes of expired credentials and clock skew: the next attempt is signed with a fresh signature. */
    private static final Set<String> SIGNATURE_TOO_OLD =
            Set.of("ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed");

    private static final String NO_CREDENTIALS = "Unable to load credentials";

    private final StreamAddress stream;

    /**
     * Whether any call has succeeded. Missing credentials are a configuration error before that, and a temporary failure
     * afterwards.
     */
    private volatile boolean hasSucceeded;

    AwsFailures(StreamAddress stream) {
        this.stream = stream;
    }

    void succeeded() {
        hasSucceeded = true;
    }

    KinesisProxyException of(String operation, Throwable thrown) {
        if (thrown instanceof AwsServiceException e) {
            return failed(operation, kindOf(e), reason(e), e);
        }
        if (thrown instanceof MissingCredentialsException e) {
            return failed(operation, hasSucceeded ? Kind.TEMPORARY : Kind.FATAL, String.valueOf(e.getMessage()), e);
        }
        String message = thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
        if (thrown instanceof SdkClientException && !hasSucceeded && message.startsWith(NO_CREDENTIALS)) {
            return failed(
                    operation,
                    Kind.FATAL,
                    "no AWS credentials found; set them in the environment, or run with an instance role",
                    thrown);
        }
        return failed(operation, Kind.TEMPORARY, message, thrown);
    }

    private static Kind kindOf(AwsServiceException e) {
        if (e instanceof ProvisionedThroughputExceededException
                || e instanceof LimitExceededException
                || e instanceof KmsThrottlingException
                || e.isThrottlingException()) {
            return Kind.THROTTLED;
        }
        if (e instanceof ExpiredIteratorException) {
            return Kind.ITERATOR_EXPIRED;
        }
        if (e instanceof ResourceInUseException) {
            return Kind.IN_USE;
        }
        if (e instanceof ResourceNotFoundException) {
            return Kind.NOT_FOUND;
        }
        if (e instanceof InvalidArgumentException || e instanceof ValidationException) {
            return Kind.INVALID_ARGUMENT;
        }
        if (e instanceof InternalFailureException
                || e instanceof ExpiredNextTokenException
                || e.statusCode() >= 500
                || SIGNATURE_TOO_OLD.contains(errorCode(e))) {
            return Kind.TEMPORARY;
        }
        return Kind.FATAL;
    }

    private static String reason(AwsServiceException e) {
        String serviceMessage = e.awsErrorDetails() == null
                ? String.valueOf(e.getMessage())
                : e.awsErrorDetails().errorCode() + ": " + e.awsErrorDetails().errorMessage();
        if (e instanceof StsException) {
            return "the role cannot be assumed; check that its trust policy allows the job's own role and, if it"
                    + " requires one, the external ID (" + serviceMessage + ")";
        }
        if (e instanceof ResourceNotFoundException) {
            return "it does not exist or was deleted; check its name and region (" + serviceMessage + ")";
        }
        if (errorCode(e).startsWith("AccessDenied")) {
            return "access denied; allow the call in the policy of the job's role (" + serviceMessage + ")";
        }
        return serviceMessage;
    }

    private static String errorCode(AwsServiceException e) {
        return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
                ? ""
                : e.awsErrorDetails().errorCode();
    }

    private KinesisProxyException failed(String operation, Kind kind, String reason, Throwable cause) {
        return new KinesisProxyException(kind, "kinesis:" + operation + " on " + stream + " failed: " + reason, cause);
    }
}
