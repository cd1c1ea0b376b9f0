package io.taxistream.local.chaos;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.embeddedkinesis.StoredRecord;
import io.taxistream.embeddedkinesis.UserRecord;
import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.batch.BatchComputation.Point;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a whole stream and says which trips in it come too late: after a watermark of their shard that is not before the
 * end of their window.
 *
 * <p>A shard begins with the smallest of the last watermarks of its parents. Knows nothing of how the job reads.
 */
final class StreamAudit {

    static final long NO_WATERMARK = Long.MIN_VALUE;

    private static final long WINDOW_MILLIS = Duration.ofMinutes(10).toMillis();

    private final EventReader reader = new EventReader();
    private final Map<String, Long> lastWatermarks = new HashMap<>();
    private final Set<Long> tripIds = new HashSet<>();
    private final Set<Long> lateTripIds = new HashSet<>();

    private StreamAudit() {}

    static StreamAudit of(EmbeddedKinesis kinesis, String stream) {
        StreamAudit audit = new StreamAudit();
        // by age, so that parents come before their children
        for (ShardDescription shard : kinesis.shards(stream)) {
            audit.add(shard, kinesis.records(stream, shard.shardId()));
        }
        return audit;
    }

    private void add(ShardDescription shard, List<StoredRecord> records) {
        long watermarkMillis = shard.parentShardIds().stream()
                .mapToLong(parent -> lastWatermarks.getOrDefault(parent, NO_WATERMARK))
                .min()
                .orElse(NO_WATERMARK);
        for (StoredRecord record : records) {
            for (UserRecord userRecord : record.userRecords()) {
                Event event;
                try {
                    event = reader.read(userRecord.data());
                } catch (MalformedEventException e) {
                    // What is no event is neither a trip nor a watermark; the job counts and keeps it.
                    continue;
                }
                if (event instanceof WatermarkEvent watermark) {
                    watermarkMillis = Math.max(watermarkMillis, watermark.watermarkMillis());
                } else if (event instanceof TripEvent trip) {
                    tripIds.add(trip.tripId());
                    if (lastMillisOfWindow(trip.timestampMillis()) <= watermarkMillis && counts(trip)) {
                        lateTripIds.add(trip.tripId());
                    }
                }
            }
        }
        lastWatermarks.put(shard.shardId(), watermarkMillis);
    }

    /** The trips that came too late at least once; without those that no result counts anyway. */
    Set<Long> lateTripIds() {
        return lateTripIds;
    }

    /** The ids of all trips in the stream. */
    Set<Long> tripIds() {
        return tripIds;
    }

    /** The last watermark of a shard, milliseconds since the epoch; {@link #NO_WATERMARK} if it has none. */
    long lastWatermark(String shardId) {
        return lastWatermarks.getOrDefault(shardId, NO_WATERMARK);
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
