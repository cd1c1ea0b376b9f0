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
import java.util.stream.IntStream;

/**
 * Watermark state of a shard: the greatest watermark received from each part, whether the part has ended, and the resulting
 * watermark of the shard, which never decreases. Immutable.
 *
 * <p>A shard has no watermark until every part of each count that occurs has sent one to the shard or its parents. From then on
 * its watermark is the minimum over the parts that have not ended, or the maximum if all have ended: a part that has ended
 * neither holds back the others nor makes promises for them. A later watermark from an ended part makes the part active again.
 */
public final class PartWatermarks implements Serializable {

    private static final long serialVersionUID = 1;

    /** Value of an unknown watermark. */
    public static final long NO_WATERMARK = Long.MIN_VALUE;

    /** Version of the format written by {@link #writeTo}; see {@link #readFrom}. */
    public static final int VERSION = 2;

    /** State of a shard that has received no watermark. */
    public static final PartWatermarks NONE = new PartWatermarks(List.of(), NO_WATERMARK);

    /** Ordered by part. */
    private final List<PartWatermark> latest;

    private final long watermarkMillis;

    /**
     * Greatest watermark received from a part.
     *
     * @param watermarkMillis milliseconds since the epoch
     * @param ended whether the part has sent its last event
     */
    public record PartWatermark(Part part, long watermarkMillis, boolean ended) implements Serializable {}

    private PartWatermarks(List<PartWatermark> latest, long floorMillis) {
        this.latest = latest;
        this.watermarkMillis = Math.max(floorMillis, combined(latest));
    }

    /**
     * Returns the state after receiving a watermark; {@code this} if nothing changes.
     *
     * @param watermarkMillis milliseconds since the epoch
     * @param ended whether the part has sent its last event
     */
    public PartWatermarks with(Part part, long watermarkMillis, boolean ended) {
        PartWatermark received = new PartWatermark(part, watermarkMillis, ended);
        int place = 0;
        while (place < latest.size() && latest.get(place).part().compareTo(received.part()) < 0) {
            place++;
        }
        boolean known = place < latest.size() && latest.get(place).part().equals(received.part());
        if (known && !supersedes(received, latest.get(place))) {
            return this;
        }
        PartWatermark[] records = new PartWatermark[latest.size() + (known ? 0 : 1)];
        int next = 0;
        for (PartWatermark each : latest.subList(0, place)) {
            records[next++] = each;
        }
        records[next++] = received;
        for (PartWatermark each : latest.subList(known ? place + 1 : place, latest.size())) {
            records[next++] = each;
        }
        return new PartWatermarks(List.of(records), this.watermarkMillis);
    }

    /**
     * Returns the initial state of a child shard: for each part that all parents have received, the smallest watermark, ended
     * only if it has ended in all parents.
     *
     * @param parents states of the shard that was split, or of the one or two known shards that were merged
     */
    public static PartWatermarks ofChild(List<PartWatermarks> parents) {
        Iterator<PartWatermarks> each = parents.iterator();
        PartWatermarks child = each.hasNext() ? each.next() : NONE;
        while (each.hasNext()) {
            child = merged(child, each.next());
        }
        return child;
    }

    /** Returns the shard's watermark in milliseconds since the epoch, or {@link #NO_WATERMARK}. */
    public long watermarkMillis() {
        return watermarkMillis;
    }

    /** Returns the greatest watermark received from each part, ordered by part. */
    public List<PartWatermark> latest() {
        return latest;
    }

    /**
     * Returns the parts that the shard's watermark waits for, ordered: those that have not sent a watermark although another part
     * of their count has; if there are none, those with the smallest watermark that have not ended. Empty if every part has ended,
     * and before the first watermark.
     */
    public List<Part> awaited() {
        List<Part> silent = latest.stream()
                .map(each -> each.part().count())
                .distinct()
                .flatMap(count -> IntStream.rangeClosed(1, count).mapToObj(index -> new Part(index, count)))
                .filter(part -> of(part).isEmpty())
                .toList();
        if (!silent.isEmpty()) {
            return silent;
        }
        List<PartWatermark> live = latest.stream().filter(each -> !each.ended()).toList();
        long smallest =
                live.stream().mapToLong(PartWatermark::watermarkMillis).min().orElse(NO_WATERMARK);
        return live.stream()
                .filter(each -> each.watermarkMillis() == smallest)
                .map(PartWatermark::part)
                .toList();
    }

    /** Returns whether a part is ahead of the shard's watermark, which waits for the {@link #awaited()} parts. */
    public boolean isHeldBack() {
        return latest.stream().anyMatch(each -> each.watermarkMillis() > watermarkMillis);
    }

    /**
     * Writes this state in the format of {@link #VERSION}.
     *
     * <p>The format is: the watermark, the number of parts and, for each part, its index, count, watermark and end flag.
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
     * Reads the format written by {@link #writeTo}, or that of version 1, which holds the watermark of a single part only.
     *
     * @param version version of the format, 1 or 2
     * @throws IOException if the version is unknown or the bytes are damaged
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

    /** Returns the state of a shard that has received this watermark from its only part; empty for {@link #NO_WATERMARK}. */
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

    /**
     * Returns text such as {@code 2016-01-01T05:12:29.999Z (1/2: 2016-01-01T05:12:29.999Z, 2/2: 2016-01-01T05:12:31Z ended)}.
     */
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

    private static boolean supersedes(PartWatermark received, PartWatermark known) {
        return received.watermarkMillis() > known.watermarkMillis()
                || (received.watermarkMillis() == known.watermarkMillis() && received.ended() && !known.ended());
    }

    private static PartWatermarks merged(PartWatermarks a, PartWatermarks b) {
        PartWatermark[] both = a.latest.stream()
                .flatMap(ofA -> b.of(ofA.part()).map(ofB -> earlier(ofA, ofB)).stream())
                .toArray(PartWatermark[]::new);
        return new PartWatermarks(List.of(both), Math.min(a.watermarkMillis, b.watermarkMillis));
    }

    /** Returns the greatest watermark received from a part; empty if there is none. */
    public Optional<PartWatermark> of(Part part) {
        return latest.stream().filter(each -> each.part().equals(part)).findFirst();
    }

    private static PartWatermark earlier(PartWatermark a, PartWatermark b) {
        return new PartWatermark(a.part(), Math.min(a.watermarkMillis(), b.watermarkMillis()), a.ended() && b.ended());
    }

    /** Combines the watermarks of the parts, regardless of the previous watermark of the shard. */
    private static long combined(List<PartWatermark> latest) {
        long smallestLive = Long.MAX_VALUE;
        long greatest = NO_WATERMARK;
        boolean live = false;
        boolean complete = true;
        // Parts with the same count are adjacent.
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
