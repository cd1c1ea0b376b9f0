package io.taxistream.embeddedkinesis;

import java.util.OptionalLong;

/** Parameter for the start position of a reader in a shard: the same five types in two operations, under different names. */
record StartingPosition(String operation, String typeField, String sequenceNumberField) {

    static final StartingPosition FOR_ITERATOR =
            new StartingPosition("GetShardIterator", "ShardIteratorType", "StartingSequenceNumber");

    static final StartingPosition FOR_SUBSCRIPTION = new StartingPosition("SubscribeToShard", "Type", "SequenceNumber");

    /**
     * Returns the start position in a shard.
     *
     * @param request contains the type, and the sequence number or timestamp that it requires
     * @throws KinesisException if it is not a position in the shard
     */
    long in(Request request, EmbeddedStream stream, EmbeddedShard shard, long nowMillis) {
        String type = request.text(typeField);
        return switch (type) {
            case "TRIM_HORIZON" -> shard.horizonPosition();
            case "LATEST" -> shard.latestPosition(stream.positions());
            case "AT_TIMESTAMP" -> {
                long timestamp = request.optionalTimestampMillis("Timestamp")
                        .orElseThrow(() -> KinesisException.invalidArgument(
                                "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP."));
                if (timestamp > nowMillis) {
                    throw KinesisException.invalidArgument(
                            "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis."
                                    + " timestampInMillis: " + timestamp + ", currentTimestampInMillis: "
                                    + nowMillis);
                }
                yield shard.positionAtTime(timestamp, stream.positions());
            }
            case "AT_SEQUENCE_NUMBER" -> ofSequenceNumber(request, stream, shard);
            case "AFTER_SEQUENCE_NUMBER" -> ofSequenceNumber(request, stream, shard) + 1;
            default ->
                throw request.violates(
                        typeField,
                        type,
                        "Member must satisfy enum value set:"
                                + " [AFTER_SEQUENCE_NUMBER, LATEST, AT_TIMESTAMP, AT_SEQUENCE_NUMBER, TRIM_HORIZON]");
        };
    }

    private long ofSequenceNumber(Request request, EmbeddedStream stream, EmbeddedShard shard) {
        String number = request.optionalText(sequenceNumberField)
                .orElseThrow(() -> KinesisException.invalidArgument(
                        "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and "
                                + sequenceNumberField + " or (2) TRIM_HORIZON or LATEST and no "
                                + sequenceNumberField + ". Request specified " + request.text(typeField)
                                + " and no " + sequenceNumberField + "."));
        OptionalLong position = shard.positionOf(number);
        if (position.isEmpty()) {
            throw KinesisException.invalidArgument(sequenceNumberField + " " + number + " used in " + operation
                    + " on shard " + shard.id() + " in stream " + stream.label()
                    + " is invalid because it did not come from this stream.");
        }
        return position.getAsLong();
    }
}
