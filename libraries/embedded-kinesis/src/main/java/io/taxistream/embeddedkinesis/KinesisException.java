package io.taxistream.embeddedkinesis;

/** Thrown if a call is rejected: error type, message and HTTP status, as returned by the service. */
final class KinesisException extends RuntimeException {

    private final String type;
    private final int status;

    private KinesisException(int status, String type, String message) {
        // no stack trace: rejections are normal responses, and throttling causes thousands per second
        super(message, null, false, false);
        this.type = type;
        this.status = status;
    }

    String type() {
        return type;
    }

    int status() {
        return status;
    }

    static KinesisException resourceNotFound(String message) {
        return new KinesisException(400, "ResourceNotFoundException", message);
    }

    static KinesisException resourceInUse(String message) {
        return new KinesisException(400, "ResourceInUseException", message);
    }

    static KinesisException invalidArgument(String message) {
        return new KinesisException(400, "InvalidArgumentException", message);
    }

    static KinesisException limitExceeded(String message) {
        return new KinesisException(400, "LimitExceededException", message);
    }

    static KinesisException throughputExceeded(String message) {
        return new KinesisException(400, "ProvisionedThroughputExceededException", message);
    }

    static KinesisException rateExceeded(EmbeddedShard shard, EmbeddedStream stream) {
        return throughputExceeded("Rate exceeded for shard " + shard.id() + " in stream " + stream.label() + ".");
    }

    static KinesisException expiredIterator(String message) {
        return new KinesisException(400, "ExpiredIteratorException", message);
    }

    static KinesisException expiredNextToken(String message) {
        return new KinesisException(400, "ExpiredNextTokenException", message);
    }

    static KinesisException validation(String constraint) {
        return new KinesisException(400, "ValidationException", "1 validation error detected: " + constraint);
    }

    static KinesisException serialization(String message) {
        return new KinesisException(400, "SerializationException", message);
    }

    static KinesisException unknownOperation(String message) {
        return new KinesisException(400, "UnknownOperationException", message);
    }

    static KinesisException accessDenied(String message) {
        return new KinesisException(403, "AccessDeniedException", message);
    }

    static KinesisException expiredToken() {
        return new KinesisException(
                400, "ExpiredTokenException", "The security token included in the request is expired");
    }

    /** Creates an error of a type that is allowed in an event stream. */
    static KinesisException inEventStream(String type) {
        return new KinesisException(400, type, "The subscription has failed because of an error.");
    }

    static KinesisException internalFailure() {
        return new KinesisException(500, "InternalFailure", "The request processing has failed because of an error.");
    }

    static KinesisException serviceUnavailable() {
        return new KinesisException(
                503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.");
    }
}
