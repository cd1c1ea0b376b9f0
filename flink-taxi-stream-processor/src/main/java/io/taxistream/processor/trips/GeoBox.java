package io.taxistream.processor.trips;

import java.io.Serializable;

/**
 * A rectangle on the map, bounds included.
 *
 * @param minLat southern bound, degrees, WGS 84
 * @param maxLat northern bound
 * @param minLon western bound
 * @param maxLon eastern bound
 */
public record GeoBox(double minLat, double maxLat, double minLon, double maxLon) implements Serializable {

    /** @throws IllegalArgumentException if a bound is no coordinate or the box is empty */
    public GeoBox {
        if (!(minLat >= -90 && minLat <= maxLat && maxLat <= 90)) {
            throw new IllegalArgumentException("latitudes must lie in -90..90 and rise: " + minLat + ".." + maxLat);
        }
        if (!(minLon >= -180 && minLon <= maxLon && maxLon <= 180)) {
            throw new IllegalArgumentException("longitudes must lie in -180..180 and rise: " + minLon + ".." + maxLon);
        }
    }

    /** Whether the point lies in the box or on its border. */
    public boolean contains(double lat, double lon) {
        return lat >= minLat && lat <= maxLat && lon >= minLon && lon <= maxLon;
    }

    /** Whether a point lies in both boxes; borders belong to them. */
    boolean overlaps(GeoBox other) {
        return minLat <= other.maxLat && other.minLat <= maxLat && minLon <= other.maxLon && other.minLon <= maxLon;
    }
}
