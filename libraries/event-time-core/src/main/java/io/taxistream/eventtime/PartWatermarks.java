package io.taxistream.eventtime;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.Serializable;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * What a shard knows of the parts that send into it: the greatest watermark of each that was heard there, whether it has
 * ended, and the shard's own watermark, which follows from these and never falls. Immutable.
 *
 * <p>The shard has no watermark until every part of each count that was heard, unless all of that count have ended, has spoken in the
 * shard or in its parents. Then its watermark is the smallest of the parts that have not ended or, if all have, the greatest:
 * an end holds back nobody and promises nothing for others. A part that speaks of a later time after its end has not
 * ended.
 */
public final class PartWatermarks implements Serializable {

    private static final long serialVersionUID = 1;

    /** Stands for a watermark of which nothing is known yet. */
    public static final long NO_WATERMARK = Long.MIN_VALUE;

    /** The version of the bytes that {@link #writeTo} writes; see {@link #readFrom}. */
    public static final int VERSION = 2;

    /** Nothing heard. */
    public static final PartWatermarks NONE = new PartWatermarks(List.of(), NO_WATERMARK);

    /** By part. */
    private final List<PartWatermark> latest;

    private final long watermarkMillis;

    /**
     * The greatest watermark heard of a part.
     *
     * @param watermarkMillis milliseconds since the epoch
     * @param ended whether the part sends no more
     */
    public record PartWatermark(Part part, long watermarkMillis, boolean ended) implements Serializable {}

    private PartWatermarks(List<PartWatermark> latest, long floorMillis) {
        this.latest = latest;
        this.watermarkMillis = Math.max(floorMillis, combined(latest));
    }

    /**
     * What a shard knows after it has heard a watermark; {@code this} if that says nothing new.
     *
     * @param watermarkMillis milliseconds since the epoch
     * @param ended whether the part sends no more
     */
    public PartWatermarks with(Part part, long watermarkMillis, boolean ended) {
        PartWatermark heard = new PartWatermark(part, watermarkMillis, ended);
        int place = 0;
        while (place < latest.size() && latest.get(place).part().compareTo(heard.part()) < 0) {
            place++;
        }
        boolean known = place < latest.size() && latest.get(place).part().equals(heard.part());
        if (known && !supersedes(heard, latest.get(place))) {
            return this;
        }
        PartWatermark[] records = new PartWatermark[latest.size() + (known ? 0 : 1)];
        int next = 0;
        for (PartWatermark each : latest.subList(0, place)) {
            records[next++] = each;
        }
        records[next++] = heard;
        for (PartWatermark each : latest.subList(known ? place + 1 : place, latest.size())) {
            records[next++] = each;
        }
        return new PartWatermarks(List.of(records), this.watermarkMillis);
    }

    /**
     * What a new shard knows: of each part that all its parents have heard, the smallest watermark, and an end if all have
     * heard it.
     *
     * @param parents of the shard that was split or, one or two, of the shards that were merged
     */
    public static PartWatermarks ofChild(List<PartWatermarks> parents) {
        Iterator<PartWatermarks> each = parents.iterator();
        PartWatermarks child = each.hasNext() ? each.next() : NONE;
        while (each.hasNext()) {
            child = merged(child, each.next());
        }
        return child;
    }

    /** The shard's watermark, milliseconds since the epoch; {@link #NO_WATERMARK} if there is none yet. */
    public long watermarkMillis() {
        return watermarkMillis;
    }

    /** The greatest watermark of each part that was heard, ordered by part. */
    public List<PartWatermark> latest() {
        return latest;
    }

    /**
     * Writes what the shard knows.
     *
     * <p>The form is that of {@link #VERSION}: the watermark, the number of parts, and of each its index, count, watermark and
     * whether it has ended.
     */
    public void writeTo(DataOutput out) throws IOException {
        out.writeLong(watermarkMillis);
        out.writeShort(latest.size());
        for (PartWatermark each : latest) {
            out.writeByte(each.part().index());
            out.writeByte(each.part().count());
            out.writeLong(each.watermarkMillis());
            out.writeBoolean(each.ended());
        }
    }

    /**
     * Reads what {@link #writeTo} has written, or the form of version 1: the watermark of the only part, which version 1
     * knew.
     *
     * @param version of the bytes, 1 or 2
     * @throws IOException if there is no such version, or the bytes are damaged
     */
    public static PartWatermarks readFrom(DataInput in, int version) throws IOException {
        if (version < 1 || version > VERSION) {
            throw new IOException("watermarks of parts have version " + version + "; this build reads 1 to " + VERSION);
        }
        try {
            return version == 1 ? ofOnlyPart(in.readLong()) : read(in);
        } catch (IllegalArgumentException e) {
            throw new IOException("watermarks of parts are damaged: " + e.getMessage(), e);
        }
    }

    /** What a shard knows whose only part has come so far; nothing for {@link #NO_WATERMARK}. */
    public static PartWatermarks ofOnlyPart(long watermarkMillis) {
        return watermarkMillis == NO_WATERMARK ? NONE : NONE.with(Part.ONLY, watermarkMillis, false);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PartWatermarks that
                && watermarkMillis == that.watermarkMillis
                && latest.equals(that.latest);
    }

    @Override
    public int hashCode() {
        return 31 * latest.hashCode() + Long.hashCode(watermarkMillis);
    }

    /** Such as {@code 2016-01-01T05:12:29.999Z (1/2: 2016-01-01T05:12:29.999Z, 2/2: 2016-01-01T05:12:31Z ended)}. */
    @Override
    public String toString() {
        StringJoiner parts = new StringJoiner(", ", "(", ")");
        for (PartWatermark each : latest) {
            parts.add(
                    each.part() + ": " + Instant.ofEpochMilli(each.watermarkMillis()) + (each.ended() ? " ended" : ""));
        }
        return (watermarkMillis == NO_WATERMARK ? "none" : Instant.ofEpochMilli(watermarkMillis)) + " " + parts;
    }

    private static PartWatermarks read(DataInput in) throws IOException {
        long watermarkMillis = in.readLong();
        PartWatermark[] records = new PartWatermark[in.readUnsignedShort()];
        for (int i = 0; i < records.length; i++) {
            Part part = new Part(in.readByte(), in.readByte());
            records[i] = new PartWatermark(part, in.readLong(), in.readBoolean());
        }
        return new PartWatermarks(List.of(records), watermarkMillis);
    }

    private static boolean supersedes(PartWatermark heard, PartWatermark known) {
        return heard.watermarkMillis() > known.watermarkMillis()
                || (heard.watermarkMillis() == known.watermarkMillis() && heard.ended() && !known.ended());
    }

    private static PartWatermarks merged(PartWatermarks a, PartWatermarks b) {
        PartWatermark[] both = a.latest.stream()
                .flatMap(ofA -> b.of(ofA.part()).map(ofB -> earlier(ofA, ofB)).stream())
                .toArray(PartWatermark[]::new);
        return new PartWatermarks(List.of(both), Math.min(a.watermarkMillis, b.watermarkMillis));
    }

    /** The greatest watermark of a part; empty if it was not heard. */
    public Optional<PartWatermark> of(Part part) {
        return latest.stream().filter(each -> each.part().equals(part)).findFirst();
    }

    private static PartWatermark earlier(PartWatermark a, PartWatermark b) {
        return new PartWatermark(a.part(), Math.min(a.watermarkMillis(), b.watermarkMillis()), a.ended() && b.ended());
    }

    /** The watermark that the parts' watermarks together make, without regard to what it was before. */
    private static long combined(List<PartWatermark> latest) {
        long smallestLive = Long.MAX_VALUE;
        long greatest = NO_WATERMARK;
        boolean live = false;
        boolean complete = true;
        // Those of one count follow one another.
        for (int from = 0, to; from < latest.size(); from = to) {
            int count = latest.get(from).part().count();
            boolean countLive = false;
            for (to = from; to < latest.size() && latest.get(to).part().count() == count; to++) {
                PartWatermark each = latest.get(to);
                greatest = Math.max(greatest, each.watermarkMillis());
                if (!each.ended()) {
                    countLive = true;
                    smallestLive = Math.min(smallestLive, each.watermarkMillis());
                }
            }
            boolean allHeard = to - from == count;
            live |= countLive || !allHeard;
            complete &= allHeard;
        }
        if (!live) {
            return greatest;
        }
        return complete ? smallestLive : NO_WATERMARK;
    }
}
