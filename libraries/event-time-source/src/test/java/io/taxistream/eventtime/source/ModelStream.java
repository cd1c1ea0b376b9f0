package io.taxistream.eventtime.source;

import java.util.List;

/** What a stream of the tests' models contains. */
final class ModelStream {

    private ModelStream() {}

    /** A user record: an event, or a watermark. */
    record Entry(long timestampMillis, boolean isWatermark) {

        static Entry event(long timestampMillis) {
            return new Entry(timestampMillis, false);
        }

        static Entry watermark(long timestampMillis) {
            return new Entry(timestampMillis, true);
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
