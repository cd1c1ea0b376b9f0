package io.taxistream.embeddedkinesis;

import java.util.OptionalLong;

/**
 * Sequence numbers of a shard. They have 56 decimal digits, like those of the service; the last 27 are the position.
 *
 * <p>Positions come from one counter per stream, so the numbers of a shard have gaps, like those of the service. The prefix
 * consists of the shard's generation and index, which makes numbers unique in the stream and those of a child greater than
 * those of its parents.
 */
final class SequenceNumbers {

    private static final int POSITION_DIGITS = 27;
    private static final int LENGTH = 56;

    private final String prefix;

    /**
     * @param generation greater than that of all shards created by earlier reshards
     * @param shardIndex index of the shard in its stream
     */
    SequenceNumbers(long generation, int shardIndex) {
        prefix = "49" + padded(generation, 15) + padded(shardIndex, 12);
    }

    /** Returns the sequence number for a position of the stream's counter. */
    String at(long position) {
        return prefix + padded(position, POSITION_DIGITS);
    }

    /** Returns the position in a sequence number; empty if the number does not belong to this shard. */
    OptionalLong positionOf(String sequenceNumber) {
        if (sequenceNumber.length() != LENGTH || !sequenceNumber.startsWith(prefix)) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(sequenceNumber, prefix.length(), LENGTH, 10));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static String padded(long number, int digits) {
        String text = Long.toString(number);
        return "0".repeat(digits - text.length()) + text;
    }
}
