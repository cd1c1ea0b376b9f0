package io.taxistream.processor.trips;

/**
 * Number of trips that began in a geohash cell and ended in one window.
 *
 * @param timestampMillis last millisecond of the window, since the epoch
 * @param location geohash of the cell
 * @param pickupCount number of trips, each counted once
 */
public record PickupCount(long timestampMillis, String location, long pickupCount) {}
