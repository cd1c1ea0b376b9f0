package io.taxistream.producer.trips;

import java.nio.charset.StandardCharsets;

/**
 * The ids of trips that bring none: a 64-bit hash of the key of their object and their line in it, so that a trip has the
 * same id in every replay.
 *
 * <p>Within an object the hash is a bijection of the line, so that no two of its trips share an id.
 */
final class TripIds {

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final long seed;

    TripIds(String objectKey) {
        this.seed = hash(objectKey);
    }

    /** The id that a text in the data stands for: the number, if it is a whole number of 64 bits, or else a hash of it. */
    static long ofText(String text) {
        try {
            long number = Long.parseLong(text);
            // 7 and 007 are two ids
            return Long.toString(number).equals(text) ? number : hash(text);
        } catch (NumberFormatException e) {
            return hash(text);
        }
    }

    /** The id of the trip at a line. */
    long id(long line) {
        return mix(seed + line);
    }

    private static long hash(String text) {
        long hash = FNV_OFFSET;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        return mix(hash);
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
