package io.taxistream.eventtime.source;

import io.taxistream.eventtime.Part;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a stream of the tests' models contains. */
final class ModelStream {

    private ModelStream() {}

    /** A user record: an event, or a watermark. */
    record Entry(long timestampMillis, @Nullable Part part, boolean ended) {

        static Entry event(long timestampMillis) {
            return new Entry(timestampMillis, null, false);
        }

        static Entry watermark(long timestampMillis) {
            return watermark(Part.ONLY, timestampMillis);
        }

        static Entry watermark(Part part, long timestampMillis) {
            return new Entry(timestampMillis, part, false);
        }

        static Entry end(Part part, long timestampMillis) {
            return new Entry(timestampMillis, part, true);
        }

        boolean isWatermark() {
            return part != null;
        }
    }

    /** A record, which is an aggregate if it has several entries. Its sequence number is its place in the shard. */
    record Packed(List<Entry> entries) {

        Packed(Entry... entries) {
            this(List.of(entries));
        }
    }

    static String sequenceNumber(int place) {
        return Integer.toString(place);
    }

    /** Where in a shard a split is read on. */
    static int placeOf(ShardPosition position) {
        if (position instanceof ShardPosition.AfterRecord after) {
            return Integer.parseInt(after.sequenceNumber()) + 1;
        }
        return position instanceof ShardPosition.InsideRecord inside ? Integer.parseInt(inside.sequenceNumber()) : 0;
    }
}
