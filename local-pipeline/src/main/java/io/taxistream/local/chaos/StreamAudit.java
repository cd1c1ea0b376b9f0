package io.taxistream.local.chaos;

import com.carrotsearch.hppc.LongHashSet;
import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.embeddedkinesis.StoredRecord;
import io.taxistream.embeddedkinesis.UserRecord;
import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.batch.BatchComputation.Point;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reads a whole stream and finds the late trips in it: those that follow a watermark of their shard that is not before the end
 * of their window.
 *
 * <p>A shard starts with the state of all its parents. Stray watermarks do not count. Independent of how the job reads.
 */
final class StreamAudit {

    static final long NO_WATERMARK = Long.MIN_VALUE;

    private static final long WINDOW_MILLIS = Duration.ofMinutes(10).toMillis();

    private final EventReader reader = new EventReader();
    private final Map<String, ReceivedWatermarks> received = new HashMap<>();
    private final LongHashSet tripIds = new LongHashSet();
    private final Set<Long> lateTripIds = new HashSet<>();

    private StreamAudit() {}

    static StreamAudit of(EmbeddedKinesis kinesis, String stream) {
        StreamAudit audit = new StreamAudit();
        // by age, so that parents precede their children
        for (ShardDescription shard : kinesis.shards(stream)) {
            ShardAudit shardAudit = audit.new ShardAudit(ReceivedWatermarks.by(shard.parentShardIds().stream()
                    .map(parent -> audit.received.getOrDefault(parent, new ReceivedWatermarks()))
                    .toList()));
            kinesis.forEachRecord(stream, shard.shardId(), shardAudit::add);
            audit.received.put(shard.shardId(), shardAudit.received);
        }
        return audit;
    }

    /** Watermarks that a shard has received from the producers, and the resulting event time. */
    private static final class ReceivedWatermarks {

        private final Map<Part, Long> latest = new HashMap<>();
        private final Set<Part> ended = new HashSet<>();
        private long watermarkMillis = NO_WATERMARK;

        /** Returns the initial state of a shard, derived from all its parents. */
        static ReceivedWatermarks by(List<ReceivedWatermarks> parents) {
            ReceivedWatermarks child = new ReceivedWatermarks();
            if (parents.isEmpty()) {
                return child;
            }
            child.watermarkMillis = parents.stream()
                    .mapToLong(parent -> parent.watermarkMillis)
                    .min()
                    .orElseThrow();
            parents.get(0).latest.keySet().stream()
                    .filter(part -> parents.stream().allMatch(parent -> parent.latest.containsKey(part)))
                    .forEach(part -> {
                        child.latest.put(
                                part,
                                parents.stream()
                                        .mapToLong(parent -> parent.latest.getOrDefault(part, NO_WATERMARK))
                                        .min()
                                        .orElseThrow());
                        if (parents.stream().allMatch(parent -> parent.ended.contains(part))) {
                            child.ended.add(part);
                        }
                    });
            child.advance();
            return child;
        }

        void add(WatermarkRecord record) {
            long before = latest.getOrDefault(record.part(), NO_WATERMARK);
            if (record.watermarkMillis() > before) {
                latest.put(record.part(), record.watermarkMillis());
                ended.remove(record.part());
            }
            if (record.ended() && record.watermarkMillis() >= before) {
                ended.add(record.part());
            }
            advance();
        }

        /** Advances to the slowest producer that has not ended; one without a watermark is slower than any other. */
        private void advance() {
            boolean anyPartMissing = latest.keySet().stream()
                    .anyMatch(part -> IntStream.rangeClosed(1, part.count())
                            .anyMatch(index -> !latest.containsKey(new Part(index, part.count()))));
            if (!anyPartMissing && !latest.isEmpty()) {
                OptionalLong slowest = latest.keySet().stream()
                        .filter(part -> !ended.contains(part))
                        .mapToLong(part -> latest.getOrDefault(part, NO_WATERMARK))
                        .min();
                watermarkMillis = Math.max(watermarkMillis, slowest.orElseGet(() -> Collections.max(latest.values())));
            }
        }
    }

    /** Processes the records of one shard in order. */
    private final class ShardAudit {

        private final ReceivedWatermarks received;

        private ShardAudit(ReceivedWatermarks initial) {
            this.received = initial;
        }

        private void add(StoredRecord record) {
            for (UserRecord userRecord : record.userRecords()) {
                Event event;
                try {
                    event = reader.read(userRecord.data());
                } catch (MalformedEventException e) {
                    // The job counts and stores it; it is neither a trip nor a watermark.
                    continue;
                }
                if (event instanceof WatermarkEvent watermark) {
                    if (watermark.watermarkMillis() != StreamCorruption.STRAY_WATERMARK.toEpochMilli()) {
                        received.add(watermark.watermark());
                    }
                } else if (event instanceof TripEvent trip) {
                    tripIds.add(trip.tripId());
                    if (lastMillisOfWindow(trip.timestampMillis()) <= received.watermarkMillis && counts(trip)) {
                        lateTripIds.add(trip.tripId());
                    }
                }
            }
        }
    }

    /** Returns the trips that were late at least once, except those that are never counted in results. */
    Set<Long> lateTripIds() {
        return lateTripIds;
    }

    /** Returns the ids of all trips in the stream. */
    LongHashSet tripIds() {
        return tripIds;
    }

    /** Returns the watermark at the end of a shard, milliseconds since the epoch; {@link #NO_WATERMARK} if there is none. */
    long lastWatermark(String shardId) {
        return received.getOrDefault(shardId, new ReceivedWatermarks()).watermarkMillis;
    }

    private static boolean counts(TripEvent trip) {
        return BatchComputation.counts(
                Instant.ofEpochMilli(trip.pickupMillis()),
                Instant.ofEpochMilli(trip.dropoffMillis()),
                new Point(trip.pickupLat(), trip.pickupLon()),
                new Point(trip.dropoffLat(), trip.dropoffLon()));
    }

    private static long lastMillisOfWindow(long timestampMillis) {
        return Math.floorDiv(timestampMillis, WINDOW_MILLIS) * WINDOW_MILLIS + WINDOW_MILLIS - 1;
    }
}
