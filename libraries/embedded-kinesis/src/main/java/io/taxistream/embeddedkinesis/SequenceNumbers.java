package io.taxistream.embeddedkinesis;

import java.util.OptionalLong;

/**
 * The sequence numbers of one shard: 56 decimal digits, as the service's own, of which the last 27 say the position.
 *
 * <p>Positions come from one counter per stream, so a shard's numbers have gaps, as the service's do. In front of it stand
 * the shard's generation and index: numbers are unique in the stream, and a child's are greater than its parents'.
 */
final class SequenceNumbers {

    private static final int POSITION_DIGITS = 27;
    private static final int LENGTH = 56;

    private final String prefix;

    /**
     * @param generation greater than that of all shards made before this shard's reshard
     * @param shardIndex number of the shard in its stream
     */
    SequenceNumbers(long generation, int shardIndex) {
        prefix = "49" + padded(generation, 15) + padded(shardIndex, 12);
    }

    /** The sequence number at a position of the stream's counter. */
    String at(long position) {
        return prefix + padded(position, POSITION_DIGITS);
    }

    /** The position that a sequence number says, or nothing where it is not one of this shard. */
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
