package io.taxistream.processor.trips;

import ch.hsr.geohash.GeoHash;

/**
 * Geohash cells as numbers: the bits of the geohash, longitude first, from the most significant bit down.
 *
 * <p>Cells are computed by arithmetic, because this is done for every trip: with the library, which bisects the world once
 * per bit, the whole job processes an eighth fewer trips per CPU second (docs/benchmarks.md, "Hand-written code"). The cells
 * are the library's, at borders too. Results need the text of a geohash, which is left to the library.
 */
final class GeohashCells {

    private static final int BITS_PER_CHARACTER = 5;
    private static final double MAX_LATITUDE = 90;
    private static final double MAX_LONGITUDE = 180;

    private GeohashCells() {}

    /**
     * Returns the cell of a point.
     *
     * @param lat degrees, WGS 84
     * @param lon degrees, WGS 84
     * @param precision characters of the cell's geohash, 1 to 12
     * @throws IllegalArgumentException if the coordinates are out of range
     */
    static long cellAt(double lat, double lon, int precision) {
        if (!(Math.abs(lat) <= MAX_LATITUDE && Math.abs(lon) <= MAX_LONGITUDE)) {
            throw new IllegalArgumentException("not a point on Earth: latitude " + lat + ", longitude " + lon);
        }
        int bits = precision * BITS_PER_CHARACTER;
        int latBits = bits / 2;
        int lonBits = bits - latBits;
        long latIndex = index(lat, MAX_LATITUDE, latBits);
        long lonIndex = index(lon, MAX_LONGITUDE, lonBits);
        // aligned to the highest bits, so longitude and latitude alternate even if latitude has one bit less
        return spread(lonIndex << (Integer.SIZE - lonBits)) << 1 | spread(latIndex << (Integer.SIZE - latBits));
    }

    /** Returns the geohash of a cell as text. */
    static String geohash(long cell, int precision) {
        return GeoHash.fromLongValue(cell, precision * BITS_PER_CHARACTER).toBase32();
    }

    /** Returns which of 2^bits equal parts of {@code [-max, max]} contains the value; a border belongs to the part above. */
    private static long index(double value, double max, int bits) {
        long parts = 1L << bits;
        double width = 2 * max / parts; // exact, like the borders: few bits, and a power of two
        long index = (long) ((value + max) / width);
        if (index * width - max > value) { // the sum was rounded up to the border
            index--;
        }
        return Math.min(index, parts - 1);
    }

    /** Inserts a zero before each of 32 bits. */
    private static long spread(long bits) {
        bits = (bits | bits << 16) & 0x0000FFFF0000FFFFL;
        bits = (bits | bits << 8) & 0x00FF00FF00FF00FFL;
        bits = (bits | bits << 4) & 0x0F0F0F0F0F0F0F0FL;
        bits = (bits | bits << 2) & 0x3333333333333333L;
        bits = (bits | bits << 1) & 0x5555555555555555L;
        return bits;
    }
}
