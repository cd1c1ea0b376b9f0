package io.taxistream.local.chaos;

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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Puts into a stream what no producer would: records a second time, trips that come too late, records that are no events. */
final class StreamTampering {

    private static final String PARTITION_KEY = "chaos";
    private static final long WINDOW_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final long TRIP_MILLIS = Duration.ofMinutes(12).toMillis();

    /** Where late trips begin and end if the stream holds no trip to take the place of: Times Square. */
    private static final double LAT = 40.758;

    private static final double LON = -73.9855;

    private final EmbeddedKinesis kinesis;
    private final String stream;
    private final EventReader reader = new EventReader();
    private final EventWriter writer = new EventWriter();
    private final Set<Long> tripIds = new HashSet<>();

    StreamTampering(EmbeddedKinesis kinesis, String stream) {
        this.kinesis = kinesis;
        this.stream = stream;
    }

    /** The trips that were put into the stream, those included that had been there before. */
    Set<Long> tripIds() {
        return tripIds;
    }

    /** Puts the records and tells how many. */
    String duplicate(DuplicateRecords fault) {
        List<ShardDescription> shards = kinesis.shards(stream);
        List<StoredRecord> records = kinesis
                .records(stream, pick(shards, fault.from()).shardId())
                .stream()
                .filter(this::holdsTrips)
                .toList();
        if (records.isEmpty()) {
            return "the shard holds no trip to deliver again";
        }
        List<StoredRecord> again =
                new ArrayList<>(records.subList(Math.max(0, records.size() - fault.records()), records.size()));
        again.add(pick(records, fault.older()));
        ShardDescription to = pick(openShards(), fault.to());
        for (StoredRecord record : again) {
            record.userRecords()
                    .forEach(userRecord -> trip(userRecord.data()).ifPresent(trip -> tripIds.add(trip.tripId())));
            kinesis.putRecord(stream, record.partitionKey(), to.startingHashKey(), record.data());
        }
        return again.size() + " records are delivered a second time, into " + to.shardId();
    }

    /** Puts the trips into the window that the shard's watermark has passed last, and tells when that was. */
    String late(LateTrips fault) {
        StreamAudit audit = StreamAudit.of(kinesis, stream);
        List<ShardDescription> withWatermark = openShards().stream()
                .filter(shard -> audit.lastWatermark(shard.shardId()) != StreamAudit.NO_WATERMARK)
                .toList();
        if (withWatermark.isEmpty()) {
            return "there is no watermark yet to be late for";
        }
        ShardDescription shard = pick(withWatermark, fault.position());
        long closedUntilMillis = Math.floorDiv(audit.lastWatermark(shard.shardId()) + 1, WINDOW_MILLIS) * WINDOW_MILLIS;
        long dropoffMillis = closedUntilMillis - 1;
        Optional<TripEvent> earlier = lastTripOf(shard);
        double lat = earlier.map(TripEvent::pickupLat).orElse(LAT);
        double lon = earlier.map(TripEvent::pickupLon).orElse(LON);
        for (long tripId = fault.firstTripId(); tripId <= fault.firstTripId() + 1; tripId++) {
            tripIds.add(tripId);
            TripEvent trip = new TripEvent(tripId, dropoffMillis - TRIP_MILLIS, dropoffMillis, lat, lon, LAT, LON, 10);
            kinesis.putRecord(stream, PARTITION_KEY, shard.startingHashKey(), writer.write(trip));
        }
        return "two trips come to " + shard.shardId() + " after its watermark";
    }

    /** Puts a record that is no event; the same fault gives the same record. */
    void poison(PoisonDocument fault) {
        ShardDescription shard = pick(openShards(), fault.position());
        kinesis.putRecord(stream, PARTITION_KEY, shard.startingHashKey(), poisonRecord(fault));
    }

    static byte[] poisonRecord(PoisonDocument fault) {
        return ("poison " + Long.toHexString(fault.number()) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The open shards in the order of their hash keys. */
    List<ShardDescription> openShards() {
        return kinesis.shards(stream).stream()
                .filter(ShardDescription::isOpen)
                .sorted(Comparator.comparing(ShardDescription::startingHashKey))
                .toList();
    }

    /** The element at a position of 0 (the first) to 1 (exclusive). */
    static <T> T pick(List<T> list, double position) {
        return list.get((int) (position * list.size()));
    }

    private Optional<TripEvent> lastTripOf(ShardDescription shard) {
        List<StoredRecord> records = kinesis.records(stream, shard.shardId());
        for (int i = records.size() - 1; i >= 0; i--) {
            Optional<TripEvent> trip = trip(records.get(i).userRecords().get(0).data());
            if (trip.isPresent() && trip.get().pickupLat() != 0) {
                return trip;
            }
        }
        return Optional.empty();
    }

    private boolean holdsTrips(StoredRecord record) {
        return !(event(record.userRecords().get(0).data()).orElse(null) instanceof WatermarkEvent);
    }

    private Optional<TripEvent> trip(byte[] record) {
        return event(record).map(event -> event instanceof TripEvent trip ? trip : null);
    }

    private Optional<Event> event(byte[] record) {
        try {
            return Optional.of(reader.read(record));
        } catch (MalformedEventException e) {
            // what was slipped in before
            return Optional.empty();
        }
    }
}
