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
import java.util.Map;
import java.util.Set;

/**
 * Reads a whole stream and says which trips in it come too late: after a watermark of their shard that is not before the
 * end of their window.
 *
 * <p>A shard begins with the smallest of the last watermarks of its parents. Stray watermarks do not count. Knows nothing
 * of how the job reads.
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
            ShardAudit shardAudit = audit.shard(shard);
            kinesis.forEachRecord(stream, shard.shardId(), shardAudit::add);
            audit.lastWatermarks.put(shard.shardId(), shardAudit.watermarkMillis);
        }
        return audit;
    }

    private ShardAudit shard(ShardDescription shard) {
        return new ShardAudit(shard.parentShardIds().stream()
                .mapToLong(parent -> lastWatermarks.getOrDefault(parent, NO_WATERMARK))
                .min()
                .orElse(NO_WATERMARK));
    }

    /** Goes through the records of one shard in order. */
    private final class ShardAudit {

        private long watermarkMillis;

        private ShardAudit(long watermarkMillis) {
            this.watermarkMillis = watermarkMillis;
        }

        private void add(StoredRecord record) {
            for (UserRecord userRecord : record.userRecords()) {
                Event event;
                try {
                    event = reader.read(userRecord.data());
                } catch (MalformedEventException e) {
                    // The job counts and keeps it; it is neither a trip nor a watermark.
                    continue;
                }
                if (event instanceof WatermarkEvent watermark) {
                    if (watermark.watermarkMillis() != StreamTampering.STRAY_WATERMARK.toEpochMilli()) {
                        watermarkMillis = Math.max(watermarkMillis, watermark.watermarkMillis());
                    }
                } else if (event instanceof TripEvent trip) {
                    tripIds.add(trip.tripId());
                    if (lastMillisOfWindow(trip.timestampMillis()) <= watermarkMillis && counts(trip)) {
                        lateTripIds.add(trip.tripId());
                    }
                }
            }
        }
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
