package io.taxistream.processor.trips;

/**
 * Finds geohash cells as numbers: what {@code ch.hsr.geohash.GeoHash} gives as its {@code longValue}, without halving the
 * world bit by bit and without making objects. A test holds one against the other.
 */
final class GeohashCells {

    private GeohashCells() {}

    /**
     * The cell of a place, its bits at the upper end of the number.
     *
     * @param lat degrees, WGS 84
     * @param lon degrees, WGS 84
     * @param bits length of the geohash, 1 to 60
     */
    static long at(double lat, double lon, int bits) {
        int lonBits = (bits + 1) / 2;
        int latBits = bits / 2;
        long lonStripe = stripe(lon, 360, lonBits) << (Integer.SIZE - lonBits);
        long latStripe = stripe(lat, 180, latBits) << (Integer.SIZE - latBits);
        return spread(lonStripe) << 1 | spread(latStripe);
    }

    /** Which of the 2^bits equal stripes around 0 a coordinate lies in; a border belongs to the stripe above it. */
    private static long stripe(double degrees, int range, int bits) {
        long stripes = 1L << bits;
        double width = (double) range / stripes;
        double lowest = -range / 2.0;
        // The difference may be rounded up to the next border. The borders themselves are exact: 45 and a power of two.
        long stripe = (long) ((degrees - lowest) / width);
        if (degrees < stripe * width + lowest) {
            stripe--;
        }
        return Math.max(0, Math.min(stripes - 1, stripe));
    }

    /** Puts a zero above each of the lower 32 bits. */
    private static long spread(long value) {
        long spread = value;
        spread = (spread | spread << 16) & 0x0000FFFF0000FFFFL;
        spread = (spread | spread << 8) & 0x00FF00FF00FF00FFL;
        spread = (spread | spread << 4) & 0x0F0F0F0F0F0F0F0FL;
        spread = (spread | spread << 2) & 0x3333333333333333L;
        return (spread | spread << 1) & 0x5555555555555555L;
    }
}
