package io.taxistream.processor.trips;

import io.taxistream.events.TripEvent;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * Settings of the analysis: windows, cells, the service area and the airports.
 *
 * @param timeCharacteristic whether trips are assigned to windows by event time or processing time
 * @param windowLength length of the tumbling windows, which are aligned to the epoch
 * @param allowedLateness how long after a window's end a late trip still updates its results
 * @param geohashPrecision length of a cell's geohash in characters; 6 is about 1.2 km by 0.6 km
 * @param minTrips minimum number of trips of a result
 * @param maxTripDuration longest plausible trip
 * @param serviceArea area in which a trip must begin and end to be counted
 * @param airports destinations for which trip durations are averaged; their bounds must not overlap
 */
public record AnalysisOptions(
        TimeCharacteristic timeCharacteristic,
        Duration windowLength,
        Duration allowedLateness,
        int geohashPrecision,
        int minTrips,
        Duration maxTripDuration,
        GeoBox serviceArea,
        List<Airport> airports)
        implements Serializable {

    /** The notion of time by which trips are assigned to windows. */
    public enum TimeCharacteristic {
        /** The drop-off time; a window closes when the watermark passes its end. */
        EVENT_TIME,
        /** The time of processing; results depend on how fast the stream is read. */
        PROCESSING_TIME
    }

    /**
     * New York, as published. Compared with the TLC's zone polygons on a day of 371,000 trips, the airport bounds have a
     * recall of 99.8 % (JFK) and 100 % (LGA) and a precision of 98.9 % and 96.7 %.
     */
    public static final AnalysisOptions DEFAULTS = new AnalysisOptions(
            TimeCharacteristic.EVENT_TIME,
            Duration.ofMinutes(10),
            Duration.ZERO,
            6,
            2,
            Duration.ofHours(6),
            new GeoBox(40.40, 41.15, -74.55, -73.45),
            List.of(
                    new Airport("JFK", new GeoBox(40.6200, 40.6650, -73.8220, -73.7450)),
                    new Airport("LGA", new GeoBox(40.7665, 40.7880, -73.8900, -73.8550))));

    /** @throws IllegalArgumentException if two airports have the same code or overlap */
    public AnalysisOptions {
        airports = List.copyOf(airports);
        requireDisjoint(airports);
    }

    private static void requireDisjoint(List<Airport> airports) {
        for (int i = 0; i < airports.size(); i++) {
            for (Airport other : airports.subList(0, i)) {
                Airport airport = airports.get(i);
                require(!airport.code().equals(other.code()), "airport " + airport.code() + " is defined twice");
                require(
                        !airport.bounds().overlaps(other.bounds()),
                        "airport " + airport.code() + " overlaps airport " + other.code());
            }
        }
    }

    /** The airport codes, in the order of {@link #airports()}. */
    List<String> airportCodes() {
        return airports.stream().map(Airport::code).toList();
    }

    /** Describes the settings that give the state of open windows its meaning: windows, cells and the order of airports. */
    String stateSemantics() {
        return "windows of %d ms in %s, geohashes of %d characters, airports %s"
                .formatted(
                        windowLength.toMillis(),
                        timeCharacteristic == TimeCharacteristic.EVENT_TIME ? "event time" : "processing time",
                        geohashPrecision,
                        airportCodes());
    }

    /** Returns the geohash cell of a point in degrees, WGS 84; {@link #location(long)} converts it to text. */
    public long cellAt(double lat, double lon) {
        return GeohashCells.cellAt(lat, lon, geohashPrecision);
    }

    /** Returns the geohash of a cell as text. */
    public String location(long cell) {
        return GeohashCells.geohash(cell, geohashPrecision);
    }

    /** Returns whether a trip begins and ends in the service area. */
    public boolean isInServiceArea(TripEvent trip) {
        return serviceArea.contains(trip.pickupLat(), trip.pickupLon())
                && serviceArea.contains(trip.dropoffLat(), trip.dropoffLon());
    }

    /** Returns whether a trip's duration is between zero and {@link #maxTripDuration()}. */
    public boolean isPlausible(TripEvent trip) {
        long durationMillis = trip.dropoffMillis() - trip.pickupMillis();
        return durationMillis >= 0 && durationMillis <= maxTripDuration.toMillis();
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
