package io.taxistream.eventtime;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of several senders that share a stream: part {@code index} of {@code count}.
 *
 * <p>All parts of a stream have the same count. Each event belongs to exactly one part.
 *
 * @param index from 1 to {@code count}
 * @param count from 1 to {@link #MAX_COUNT}
 */
public record Part(int index, int count) implements Comparable<Part>, Serializable {

    /** Maximum number of parts. */
    public static final int MAX_COUNT = 64;

    /** The only part of a stream with a single sender, {@code 1/1}. */
    public static final Part ONLY = new Part(1, 1);

    private static final Pattern FORM = Pattern.compile("([0-9]{1,4})/([0-9]{1,4})");

    /** @throws IllegalArgumentException if the index or the count is out of range */
    public Part {
        if (count < 1 || count > MAX_COUNT || index < 1 || index > count) {
            throw new IllegalArgumentException("part " + index + "/" + count
                    + " does not exist; a part is I/N with 1 <= I" + " <= N <= " + MAX_COUNT);
        }
    }

    /**
     * Parses a part in the form {@code 2/4}.
     *
     * @throws IllegalArgumentException if the text has another form, or the index or the count is out of range
     */
    public static Part parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a part; a part is I/N with 1 <= I <= N <= " + MAX_COUNT + ", such as 2/4");
        }
        return new Part(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /** Returns whether this is the only part of its stream. */
    public boolean isOnly() {
        return count == 1;
    }

    /** Returns whether the event with this id belongs to this part. The result is the same in every JVM. */
    public boolean owns(String eventId) {
        return count == 1 || Math.floorMod(mixed(eventId.hashCode()), count) == index - 1;
    }

    /** Orders by count, then by index. */
    @Override
    public int compareTo(Part other) {
        return count != other.count ? Integer.compare(count, other.count) : Integer.compare(index, other.index);
    }

    /** Returns the form that {@link #parse} reads. */
    @Override
    public String toString() {
        return index + "/" + count;
    }

    /** Spreads similar hash codes with the finalizer of MurmurHash3. */
    private static int mixed(int hash) {
        int mixed = hash;
        mixed = (mixed ^ (mixed >>> 16)) * 0x85ebca6b;
        mixed = (mixed ^ (mixed >>> 13)) * 0xc2b2ae35;
        return mixed ^ (mixed >>> 16);
    }
}
