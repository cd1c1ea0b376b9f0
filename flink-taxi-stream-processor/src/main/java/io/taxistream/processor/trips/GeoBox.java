package io.taxistream.processor.trips;

import java.io.Serializable;

/**
 * A rectangle of latitudes and longitudes, bounds included.
 *
 * @param minLat southern bound, degrees, WGS 84
 * @param maxLat northern bound
 * @param minLon western bound
 * @param maxLon eastern bound
 */
public record GeoBox(double minLat, double maxLat, double minLon, double maxLon) implements Serializable {

    /** @throws IllegalArgumentException if a bound is not a coordinate or exceeds its opposite */
    public GeoBox {
        if (!(minLat >= -90 && minLat <= maxLat && maxLat <= 90)) {
            throw new IllegalArgumentException(
                    "latitudes must be within -90 to 90, south first, but are " + minLat + " and " + maxLat);
        }
        if (!(minLon >= -180 && minLon <= maxLon && maxLon <= 180)) {
            throw new IllegalArgumentException(
                    "longitudes must be within -180 to 180, west first, but are " + minLon + " and " + maxLon);
        }
    }

    /** Returns whether the point is inside the box or on its border. */
    public boolean contains(double lat, double lon) {
        return lat >= minLat && lat <= maxLat && lon >= minLon && lon <= maxLon;
    }

    /** Returns whether the boxes share a point; borders belong to both. */
    boolean overlaps(GeoBox other) {
        return minLat <= other.maxLat && other.minLat <= maxLat && minLon <= other.maxLon && other.minLon <= maxLon;
    }

    /** Returns the bounds as south, north, west and east, separated by commas. */
    @Override
    public String toString() {
        return minLat + "," + maxLat + "," + minLon + "," + maxLon;
    }
}
