package io.taxistream.producer.input;

import java.nio.charset.StandardCharsets;

/**
 * The ids of records: those that the data holds and, for records without one, a 64-bit hash of the key of their object and
 * their line in it, so that a record has the same id in every replay.
 *
 * <p>Within an object the hash is a bijection of the line, so that no two of its records share an id.
 */
public final class RecordIds {

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final long seed;

    public RecordIds(String objectKey) {
        this.seed = ofHash(objectKey);
    }

    /** The id of the record at a line. */
    public long id(long line) {
        return mix(seed + line);
    }

    /**
     * The id that a text in the data stands for: a whole number of 64 bits itself, also when it was written as {@code
     * 7.0}; for any other text, such as a UUID, a hash of it.
     */
    public static long ofText(String text) {
        int digits = text.startsWith("-") ? 1 : 0;
        int end = digits;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        if (end > digits && isZeroFraction(text, end)) {
            try {
                return Long.parseLong(text.substring(0, end));
            } catch (NumberFormatException e) {
                // More than 64 bits: a text like any other.
                return ofHash(text);
            }
        }
        return ofHash(text);
    }

    private static boolean isZeroFraction(String text, int from) {
        if (from == text.length()) {
            return true;
        }
        if (text.charAt(from) != '.') {
            return false;
        }
        for (int i = from + 1; i < text.length(); i++) {
            if (text.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }

    /** FNV-1a of the UTF-8 bytes, mixed once more. */
    private static long ofHash(String text) {
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
