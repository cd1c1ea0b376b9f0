package io.taxistream.processor.trips;

/**
 * How many trips began in a geohash cell, of those that ended in one window.
 *
 * @param timestampMillis last millisecond of the window, since the epoch
 * @param location geohash of the cell
 * @param pickupCount trips, each counted once
 */
public record PickupCount(long timestampMillis, String location, long pickupCount) {}
