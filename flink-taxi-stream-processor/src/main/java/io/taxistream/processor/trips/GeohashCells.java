package io.taxistream.processor.trips;

import ch.hsr.geohash.GeoHash;

/**
 * Geohash cells as numbers: the bits of the geohash, longitude first, from the highest bit of the number down.
 *
 * <p>Every trip's cell is found, so this is done by arithmetic: the library, which halves the world once for each bit, took
 * a seventh of the job's CPU time. Both find the same cells, however near to an edge a place is; the text of a geohash,
 * which results alone need, is left to the library.
 */
final class GeohashCells {

    private static final int BITS_PER_CHARACTER = 5;
    private static final double MAX_LATITUDE = 90;
    private static final double MAX_LONGITUDE = 180;

    private GeohashCells() {}

    /**
     * The cell of a place.
     *
     * @param lat degrees, WGS 84
     * @param lon degrees, WGS 84
     * @param precision characters of the cell's geohash, 1 to 12
     * @throws IllegalArgumentException if there is no such place
     */
    static long cellAt(double lat, double lon, int precision) {
        if (!(Math.abs(lat) <= MAX_LATITUDE && Math.abs(lon) <= MAX_LONGITUDE)) {
            throw new IllegalArgumentException("there is no place at " + lat + ", " + lon);
        }
        int bits = precision * BITS_PER_CHARACTER;
        int latBits = bits / 2;
        int lonBits = bits - latBits;
        long latIndex = index(lat, MAX_LATITUDE, latBits);
        long lonIndex = index(lon, MAX_LONGITUDE, lonBits);
        // aligned to the highest bits, longitude and latitude take turns whether there are as many of both or not
        return spread(lonIndex << (Integer.SIZE - lonBits)) << 1 | spread(latIndex << (Integer.SIZE - latBits));
    }

    /** The geohash of a cell. */
    static String geohash(long cell, int precision) {
        return GeoHash.fromLongValue(cell, precision * BITS_PER_CHARACTER).toBase32();
    }

    /** Which of the 2^bits equal parts of {@code [-max, max]} holds the value; an edge belongs to the part above. */
    private static long index(double value, double max, int bits) {
        long parts = 1L << bits;
        double width = 2 * max / parts; // exact, as are the edges: few bits, and a power of two
        long index = (long) ((value + max) / width);
        if (index * width - max > value) { // the sum was rounded up to the edge
            index--;
        }
        return Math.min(index, parts - 1);
    }

    /** Puts a 0 before each of 32 bits: the classic interleaving by halves of halves. */
    private static long spread(long bits) {
        bits = (bits | bits << 16) & 0x0000FFFF0000FFFFL;
        bits = (bits | bits << 8) & 0x00FF00FF00FF00FFL;
        bits = (bits | bits << 4) & 0x0F0F0F0F0F0F0F0FL;
        bits = (bits | bits << 2) & 0x3333333333333333L;
        bits = (bits | bits << 1) & 0x5555555555555555L;
        return bits;
    }
}
