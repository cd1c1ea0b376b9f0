package io.taxistream.producer.trips;

import io.taxistream.producer.input.RejectReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Locations of the TLC's taxi zones. Since July 2016 trips name zones instead of coordinates; each zone is represented
 * by its centroid.
 */
final class TaxiZones {

    /** Accepted zone ids, for messages. */
    static final String ACCEPTED = "a taxi zone on the map";

    private static final int UNKNOWN = 264;
    private static final int OUTSIDE_CITY = 265;

    private static final String RESOURCE = "taxi-zones.csv";

    private static final TaxiZones INSTANCE = load();

    private final double[] lats;
    private final double[] lons;

    private TaxiZones(double[] lats, double[] lons) {
        this.lats = lats;
        this.lons = lons;
    }

    static TaxiZones instance() {
        return INSTANCE;
    }

    /** Returns whether a zone id is on the map; 264 and 265, the TLC's "unknown", are not. */
    boolean contains(int zone) {
        return zone >= 0 && zone < lats.length && !Double.isNaN(lats[zone]);
    }

    /** Returns the reason for rejecting a zone id that is not on the map. */
    static RejectReason rejectReason(long zone) {
        return zone == UNKNOWN || zone == OUTSIDE_CITY ? RejectReason.NOWHERE : RejectReason.UNKNOWN_ZONE;
    }

    /** Returns the latitude of a zone's centroid in degrees, WGS 84; the zone must be on the map. */
    double lat(int zone) {
        return lats[zone];
    }

    /** Returns the longitude of a zone's centroid in degrees, WGS 84; the zone must be on the map. */
    double lon(int zone) {
        return lons[zone];
    }

    private static TaxiZones load() {
        try (InputStream resource = TaxiZones.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IllegalStateException(RESOURCE + " is missing from the jar");
            }
            var reader = new BufferedReader(new InputStreamReader(resource, StandardCharsets.US_ASCII));
            List<String[]> rows = reader.lines()
                    .filter(line -> !line.startsWith("#"))
                    .skip(1)
                    .map(line -> line.split(",", -1))
                    .toList();
            int size = 1
                    + rows.stream()
                            .mapToInt(row -> Integer.parseInt(row[0]))
                            .max()
                            .orElseThrow();
            double[] lats = new double[size];
            double[] lons = new double[size];
            Arrays.fill(lats, Double.NaN);
            for (String[] row : rows) {
                int zone = Integer.parseInt(row[0]);
                lats[zone] = Double.parseDouble(row[1]);
                lons[zone] = Double.parseDouble(row[2]);
            }
            return new TaxiZones(lats, lons);
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE + " in the jar cannot be read", e);
        }
    }
}
