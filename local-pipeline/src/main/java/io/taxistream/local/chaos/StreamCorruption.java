package io.taxistream.local.chaos;

import static java.util.Objects.requireNonNull;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.embeddedkinesis.ShardDescription;
import io.taxistream.embeddedkinesis.StoredRecord;
import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.EventWriter;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.local.chaos.ChaosFault.DuplicateRecords;
import io.taxistream.local.chaos.ChaosFault.LateTrips;
import io.taxistream.local.chaos.ChaosFault.PoisonDocument;
import io.taxistream.local.chaos.ChaosFault.StrayWatermark;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Writes what no producer would: duplicate records, late trips, records that are not events, a stray watermark. */
final class StreamCorruption {

    /** A watermark that no producer would send: in the future, and far beyond all trips. */
    static final Instant STRAY_WATERMARK = Instant.parse("9999-12-31T23:59:59Z");

    private static final int FIRST_RECORDS = 16;

    private static final String PARTITION_KEY = "chaos";
    private static final long WINDOW_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final long TRIP_MILLIS = Duration.ofMinutes(12).toMillis();

    /** Start and end of late trips if the stream holds no trip to copy them from: Times Square. */
    private static final double LAT = 40.758;

    private static final double LON = -73.9855;

    private final EmbeddedKinesis kinesis;
    private final String stream;
    private final EventReader reader = new EventReader();
    private final EventWriter writer = new EventWriter();
    private final Set<Long> tripIds = new HashSet<>();
    private final Set<Long> lateTripIds = new HashSet<>();

    StreamCorruption(EmbeddedKinesis kinesis, String stream) {
        this.kinesis = kinesis;
        this.stream = stream;
    }

    /** Returns the ids of the trips written, including those of trips that were in the stream before. */
    Set<Long> tripIds() {
        return tripIds;
    }

    /**
     * Writes the records again, except those of {@link #late}: in a shard that is not as far, these would be in time, and counted.
     * Returns a line with their number.
     */
    String duplicate(DuplicateRecords fault) {
        String from = pick(kinesis.shards(stream), fault.from()).shardId();
        RecordsWithTrips records = new RecordsWithTrips(fault.records());
        kinesis.forEachRecord(stream, from, records::add);
        if (records.count == 0) {
            return "the shard has no trip to deliver again";
        }
        List<StoredRecord> again = new ArrayList<>(records.last);
        again.add(recordWithTrips(from, (long) (fault.older() * records.count)));
        ShardDescription to = pick(openShards(), fault.to());
        for (StoredRecord record : again) {
            record.userRecords()
                    .forEach(userRecord -> trip(userRecord.data()).ifPresent(trip -> tripIds.add(trip.tripId())));
            kinesis.putRecord(stream, record.partitionKey(), to.startingHashKey(), record.data());
        }
        return again.size() + " records are delivered again, to " + to.shardId();
    }

    /** Writes the trips into the window that the shard's watermark passed last; returns a line with its end. */
    String late(LateTrips fault) {
        StreamAudit audit = StreamAudit.of(kinesis, stream);
        List<ShardDescription> withWatermark = openShards().stream()
                .filter(shard -> audit.lastWatermark(shard.shardId()) != StreamAudit.NO_WATERMARK)
                .toList();
        if (withWatermark.isEmpty()) {
            return "no shard has a watermark yet, so no trip can be late";
        }
        ShardDescription shard = pick(withWatermark, fault.position());
        long closedUntilMillis = Math.floorDiv(audit.lastWatermark(shard.shardId()) + 1, WINDOW_MILLIS) * WINDOW_MILLIS;
        long dropoffMillis = closedUntilMillis - 1;
        Optional<TripEvent> earlier = lastTripOf(shard);
        double lat = earlier.map(TripEvent::pickupLat).orElse(LAT);
        double lon = earlier.map(TripEvent::pickupLon).orElse(LON);
        for (long tripId = fault.firstTripId(); tripId <= fault.firstTripId() + 1; tripId++) {
            tripIds.add(tripId);
            lateTripIds.add(tripId);
            TripEvent trip = new TripEvent(tripId, dropoffMillis - TRIP_MILLIS, dropoffMillis, lat, lon, LAT, LON, 10);
            kinesis.putRecord(stream, PARTITION_KEY, shard.startingHashKey(), writer.write(trip));
        }
        return "two trips arrive in " + shard.shardId() + " after its watermark";
    }

    /** Writes a record that is not an event; the same fault gives the same record. */
    void poison(PoisonDocument fault) {
        ShardDescription shard = pick(openShards(), fault.position());
        kinesis.putRecord(stream, PARTITION_KEY, shard.startingHashKey(), poisonRecord(fault));
    }

    static byte[] poisonRecord(PoisonDocument fault) {
        return ("poison " + Long.toHexString(fault.number()) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Writes a watermark in the far future, always the same one. */
    String strayWatermark(StrayWatermark fault) {
        ShardDescription shard = pick(openShards(), fault.position());
        kinesis.putRecord(stream, PARTITION_KEY, shard.startingHashKey(), strayWatermarkRecord());
        return "a watermark of " + STRAY_WATERMARK + " is written to " + shard.shardId();
    }

    static byte[] strayWatermarkRecord() {
        return ("{\"type\":\"watermark\",\"watermark\":\"" + STRAY_WATERMARK + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the open shards in the order of their hash keys. */
    List<ShardDescription> openShards() {
        return kinesis.shards(stream).stream()
                .filter(ShardDescription::isOpen)
                .sorted(Comparator.comparing(ShardDescription::startingHashKey))
                .toList();
    }

    /** Returns the element at a position of 0 (the first) to 1 (exclusive). */
    static <T> T pick(List<T> list, double position) {
        return list.get((int) (position * list.size()));
    }

    /** Counts the records with trips and keeps the last of them. */
    private final class RecordsWithTrips {

        private final int maxLast;
        private final Deque<StoredRecord> last = new ArrayDeque<>();
        private long count;

        private RecordsWithTrips(int maxLast) {
            this.maxLast = maxLast;
        }

        private void add(StoredRecord record) {
            if (holdsTrips(record)) {
                count++;
                last.add(record);
                if (last.size() > maxLast) {
                    last.remove();
                }
            }
        }
    }

    /** Returns the record with trips that has this number in the shard, from 0. */
    private StoredRecord recordWithTrips(String shardId, long number) {
        AtomicLong next = new AtomicLong();
        AtomicReference<StoredRecord> found = new AtomicReference<>();
        kinesis.forEachRecord(stream, shardId, record -> {
            if (holdsTrips(record) && next.getAndIncrement() == number) {
                found.set(record);
            }
        });
        return requireNonNull(found.get(), "the shard has fewer records with trips");
    }

    private Optional<TripEvent> lastTripOf(ShardDescription shard) {
        for (int examined = 0, requested = FIRST_RECORDS; ; examined = requested, requested *= 2) {
            List<StoredRecord> records = kinesis.lastRecords(stream, shard.shardId(), requested);
            for (int i = records.size() - 1 - examined; i >= 0; i--) {
                Optional<TripEvent> trip =
                        trip(records.get(i).userRecords().get(0).data());
                if (trip.isPresent() && trip.get().pickupLat() != 0) {
                    return trip;
                }
            }
            if (records.size() < requested) {
                return Optional.empty();
            }
        }
    }

    /** Whether a record holds trips of a producer, or is malformed. */
    private boolean holdsTrips(StoredRecord record) {
        Event first = event(record.userRecords().get(0).data()).orElse(null);
        return !(first instanceof WatermarkEvent)
                && !(first instanceof TripEvent trip && lateTripIds.contains(trip.tripId()));
    }

    private Optional<TripEvent> trip(byte[] record) {
        return event(record).map(event -> event instanceof TripEvent trip ? trip : null);
    }

    private Optional<Event> event(byte[] record) {
        try {
            return Optional.of(reader.read(record));
        } catch (MalformedEventException e) {
            // injected earlier
            return Optional.empty();
        }
    }
}
