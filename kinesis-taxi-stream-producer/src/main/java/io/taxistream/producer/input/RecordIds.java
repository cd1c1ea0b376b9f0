package io.taxistream.producer.input;

import java.nio.charset.StandardCharsets;

/**
 * Assigns ids to records: the id in the data or, for records without one, a 64-bit hash of object key and line, so that
 * a record has the same id in every replay.
 *
 * <p>Within an object the hash is a bijection of the line, so no two of its records share an id.
 */
public final class RecordIds {

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final long seed;

    public RecordIds(String objectKey) {
        this.seed = ofHash(objectKey);
    }

    /** Returns the id of the record at a line. */
    public long id(long line) {
        return mix(seed + line);
    }

    /**
     * Converts an id in the data: a 64-bit integer is its own id, even if written as {@code 7.0}; any other text, such
     * as a UUID, is hashed.
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
                // More than 64 bits: hashed like any other text.
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

    /** FNV-1a of the UTF-8 bytes, followed by a final mix. */
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
