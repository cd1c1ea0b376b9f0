package io.taxistream.embeddedkinesis;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** A range of the hash key space 0 to 2^128 - 1, both ends inclusive. */
record HashKeyRange(BigInteger start, BigInteger end) implements Comparable<HashKeyRange> {

    static final BigInteger SPACE_SIZE = BigInteger.ONE.shiftLeft(128);

    HashKeyRange {
        if (start.signum() < 0 || end.compareTo(SPACE_SIZE) >= 0 || start.compareTo(end) > 0) {
            throw new IllegalArgumentException(
                    "a hash key range must be within 0 to 2^128 - 1, but is " + start + " to " + end);
        }
    }

    /** Divides the whole space into equal ranges; the last one includes the remainder. */
    static List<HashKeyRange> uniform(int count) {
        List<HashKeyRange> ranges = new ArrayList<>(count);
        BigInteger size = SPACE_SIZE.divide(BigInteger.valueOf(count));
        for (int i = 0; i < count; i++) {
            BigInteger start = size.multiply(BigInteger.valueOf(i));
            BigInteger end = i == count - 1 ? SPACE_SIZE : start.add(size);
            ranges.add(new HashKeyRange(start, end.subtract(BigInteger.ONE)));
        }
        return ranges;
    }

    boolean contains(BigInteger key) {
        return start.compareTo(key) <= 0 && key.compareTo(end) <= 0;
    }

    boolean contains(HashKeyRange other) {
        return start.compareTo(other.start) <= 0 && other.end.compareTo(end) <= 0;
    }

    boolean isFollowedBy(HashKeyRange other) {
        return end.add(BigInteger.ONE).equals(other.start);
    }

    BigInteger middle() {
        return start.add(end).add(BigInteger.ONE).shiftRight(1);
    }

    HashKeyRange before(BigInteger key) {
        return new HashKeyRange(start, key.subtract(BigInteger.ONE));
    }

    HashKeyRange from(BigInteger key) {
        return new HashKeyRange(key, end);
    }

    HashKeyRange joinedWith(HashKeyRange other) {
        return new HashKeyRange(start.min(other.start), end.max(other.end));
    }

    @Override
    public int compareTo(HashKeyRange other) {
        int byStart = start.compareTo(other.start);
        return byStart != 0 ? byStart : end.compareTo(other.end);
    }
}
