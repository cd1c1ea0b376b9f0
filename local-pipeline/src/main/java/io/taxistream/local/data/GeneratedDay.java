package io.taxistream.local.data;

import io.taxistream.events.DateTimes;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Generates a Wednesday of yellow taxi trips in New York: about 371,000 of them, the same for the same seed on every machine.
 *
 * <p>Start times follow the daily curve of a real weekday; trips start around busy places and go to others, about one in forty
 * to JFK or LaGuardia. As in the real records, some trips have no position fix (0, 0), and a few have a drop-off before the
 * pick-up or many hours after it. The layout is that of the TLC's yellow files of 2015 and 2016.
 */
public final class GeneratedDay {

    /** The date, in New York. */
    public static final LocalDate DATE = LocalDate.of(2015, 12, 2);

    public static final String HEADER =
            "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,"
                    + "pickup_longitude,pickup_latitude,RatecodeID,store_and_fwd_flag,dropoff_longitude,dropoff_latitude,"
                    + "payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount";

    /** Hundreds of trips that start in each hour of the day: a December weekday of the TLC's records. */
    private static final int[] HUNDREDS_BY_HOUR = {
        78, 44, 29, 20, 22, 41, 113, 196, 222, 206, 187, 184, 184, 187, 201, 186, 148, 183, 228, 237, 239, 238, 210, 128
    };

    /** Average taxi speed in each hour of the day, km/h. */
    private static final int[] SPEED_BY_HOUR = {
        24, 26, 28, 29, 29, 26, 21, 16, 14, 14, 14, 14, 14, 14, 13, 13, 14, 14, 14, 15, 17, 18, 20, 22
    };

    private static final int MINUTES = 24 * 60;
    private static final double KM_PER_DEGREE_LAT = 111.2;
    private static final double KM_PER_DEGREE_LON = 84.2;
    private static final double STREETS_PER_BEELINE = 1.3;
    private static final double MISSING_LOCATION_SHARE = 0.0145;
    private static final double IMPLAUSIBLE_SHARE = 0.00002;
    private static final long MIN_IMPLAUSIBLE_SECONDS = 7 * 3_600;
    private static final long SECONDS_PER_DAY = 86_400;

    /** More than the number of trips. */
    private static final int MAX_TRIPS = 400_000;

    /** Busy hours of a place, as a factor for each hour of the day. */
    private enum BusyHours {
        ALWAYS,
        OFFICE,
        NIGHTLIFE,
        AIRPORT;

        double at(int hour) {
            boolean night = hour < 5;
            boolean evening = hour >= 19;
            return switch (this) {
                case ALWAYS -> 1;
                case OFFICE -> night ? 0.3 : hour >= 16 && hour < 20 ? 1.4 : 1;
                case NIGHTLIFE -> night ? 2.5 : evening ? 1.6 : 0.8;
                case AIRPORT -> night ? 0.15 : 1;
            };
        }
    }

    /**
     * A place where trips start and end.
     *
     * @param lat degrees, WGS 84
     * @param lon degrees, WGS 84
     * @param spread standard deviation of positions around it, kilometres
     * @param pickups weight of the place among pick-ups
     * @param dropoffs weight of the place among drop-offs
     */
    private record Place(double lat, double lon, double spread, double pickups, double dropoffs, BusyHours busyHours) {}

    private static final Place[] PLACES = {
        // Midtown
        new Place(40.7625, -73.9740, 0.50, 68, 66, BusyHours.OFFICE), // Fifth Avenue
        new Place(40.7527, -73.9772, 0.40, 52, 50, BusyHours.OFFICE), // Grand Central
        new Place(40.7506, -73.9935, 0.35, 60, 48, BusyHours.ALWAYS), // Penn Station
        new Place(40.7580, -73.9855, 0.40, 55, 52, BusyHours.ALWAYS), // Times Square
        new Place(40.7565, -73.9905, 0.30, 38, 26, BusyHours.ALWAYS), // Port Authority
        new Place(40.7640, -73.9890, 0.45, 30, 30, BusyHours.NIGHTLIFE), // Hell's Kitchen
        new Place(40.7520, -73.9700, 0.40, 24, 26, BusyHours.OFFICE), // United Nations
        // Uptown
        new Place(40.7700, -73.9620, 0.55, 55, 54, BusyHours.ALWAYS), // Upper East Side
        new Place(40.7790, -73.9550, 0.50, 38, 36, BusyHours.ALWAYS), // Yorkville
        new Place(40.7735, -73.9825, 0.40, 38, 34, BusyHours.ALWAYS), // Lincoln Center
        new Place(40.7850, -73.9760, 0.60, 40, 38, BusyHours.ALWAYS), // Upper West Side
        new Place(40.8030, -73.9650, 0.60, 12, 14, BusyHours.ALWAYS), // Morningside Heights
        new Place(40.8080, -73.9450, 0.80, 9, 16, BusyHours.ALWAYS), // Harlem
        // Downtown
        new Place(40.7360, -73.9905, 0.45, 52, 46, BusyHours.ALWAYS), // Union Square
        new Place(40.7425, -74.0000, 0.45, 36, 34, BusyHours.NIGHTLIFE), // Chelsea
        new Place(40.7335, -74.0030, 0.40, 32, 28, BusyHours.NIGHTLIFE), // Greenwich Village
        new Place(40.7270, -73.9860, 0.50, 36, 32, BusyHours.NIGHTLIFE), // East Village
        new Place(40.7195, -73.9885, 0.40, 22, 20, BusyHours.NIGHTLIFE), // Lower East Side
        new Place(40.7240, -74.0020, 0.35, 24, 22, BusyHours.ALWAYS), // SoHo
        new Place(40.7155, -74.0095, 0.40, 20, 22, BusyHours.OFFICE), // Tribeca
        new Place(40.7075, -74.0105, 0.40, 24, 27, BusyHours.OFFICE), // Wall Street
        new Place(40.7430, -73.9800, 0.45, 34, 32, BusyHours.ALWAYS), // Kips Bay
        // Brooklyn and Queens
        new Place(40.6910, -73.9860, 0.80, 8, 13, BusyHours.ALWAYS), // Downtown Brooklyn
        new Place(40.7150, -73.9590, 0.70, 10, 16, BusyHours.NIGHTLIFE), // Williamsburg
        new Place(40.6730, -73.9770, 0.90, 6, 12, BusyHours.ALWAYS), // Park Slope
        new Place(40.7470, -73.9420, 0.70, 7, 10, BusyHours.ALWAYS), // Long Island City
        new Place(40.7640, -73.9210, 0.90, 6, 10, BusyHours.ALWAYS), // Astoria
        new Place(40.7480, -73.8880, 1.20, 3, 8, BusyHours.ALWAYS), // Jackson Heights
        new Place(40.6880, -73.9440, 1.40, 2, 9, BusyHours.ALWAYS), // Bedford-Stuyvesant
        new Place(40.8350, -73.9200, 1.60, 1, 5, BusyHours.ALWAYS), // the Bronx
        // airports
        new Place(40.6447, -73.7820, 0.45, 27, 9, BusyHours.AIRPORT), // JFK
        new Place(40.7733, -73.8715, 0.30, 37, 15, BusyHours.AIRPORT), // LaGuardia
    };

    private final SplittableRandom random;
    private final double[][] pickupShares = new double[24][];
    private final double[][] dropoffShares = new double[24][];
    private final StringBuilder line = new StringBuilder(256);
    private final char[] time = new char[DateTimes.MAX_UTC_LENGTH];
    private double spareGaussian = Double.NaN;

    /**
     * Creates a generator.
     *
     * @param seed the same seed gives the same day
     */
    public GeneratedDay(long seed) {
        random = new SplittableRandom(seed);
        for (int hour = 0; hour < 24; hour++) {
            pickupShares[hour] = new double[PLACES.length];
            dropoffShares[hour] = new double[PLACES.length];
            double pickups = 0;
            double dropoffs = 0;
            for (int i = 0; i < PLACES.length; i++) {
                double busyHours = PLACES[i].busyHours().at(hour);
                pickups += PLACES[i].pickups() * busyHours;
                dropoffs += PLACES[i].dropoffs() * busyHours;
                pickupShares[hour][i] = pickups;
                dropoffShares[hour][i] = dropoffs;
            }
        }
    }

    /**
     * Writes the day as a gzip-compressed CSV file, sorted by drop-off time. May be called once only.
     *
     * @return number of trips written
     */
    public int writeTo(Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(new FastGzip(Files.newOutputStream(file)), 1 << 16)) {
            return writeTo(out);
        }
    }

    /** Writes the day as plain CSV; see {@link #writeTo(Path)}. */
    int writeTo(OutputStream out) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        int[] ends = new int[MAX_TRIPS];
        long[] dropoffs = new long[MAX_TRIPS];
        long midnight = DATE.toEpochDay() * SECONDS_PER_DAY;
        int trips = 0;
        double due = 0;
        for (int minute = 0; minute < MINUTES; minute++) {
            due += tripsInMinute(minute);
            for (; trips < (int) due; trips++) {
                long dropoffSeconds = appendTrip(midnight + minute * 60L + random.nextInt(60), minute / 60);
                dropoffs[trips] = dropoffSeconds * MAX_TRIPS + trips;
                lines.writeBytes(line.toString().getBytes(StandardCharsets.US_ASCII));
                ends[trips] = lines.size();
            }
        }
        Arrays.sort(dropoffs, 0, trips);

        byte[] text = lines.toByteArray();
        out.write((HEADER + "\n").getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < trips; i++) {
            int trip = (int) (dropoffs[i] % MAX_TRIPS);
            int start = trip == 0 ? 0 : ends[trip - 1];
            out.write(text, start, ends[trip] - start);
        }
        return trips;
    }

    /** Interpolates the daily curve linearly between the middles of the hours. */
    private static double tripsInMinute(int minute) {
        double hours = (minute + 0.5) / 60 - 0.5;
        int before = Math.floorMod((int) Math.floor(hours), 24);
        double share = hours - Math.floor(hours);
        double perHour = HUNDREDS_BY_HOUR[before] * (1 - share) + HUNDREDS_BY_HOUR[(before + 1) % 24] * share;
        return perHour * 100 / 60;
    }

    /** Sets {@link #line}, and returns the drop-off time in seconds. */
    private long appendTrip(long pickupSeconds, int hour) {
        Place from = pick(pickupShares[hour]);
        Place to = pick(dropoffShares[hour]);
        double fromLat = from.lat() + from.spread() * gaussian() / KM_PER_DEGREE_LAT;
        double fromLon = from.lon() + from.spread() * gaussian() / KM_PER_DEGREE_LON;
        double toLat = to.lat() + to.spread() * gaussian() / KM_PER_DEGREE_LAT;
        double toLon = to.lon() + to.spread() * gaussian() / KM_PER_DEGREE_LON;

        double north = (toLat - fromLat) * KM_PER_DEGREE_LAT;
        double east = (toLon - fromLon) * KM_PER_DEGREE_LON;
        double km = 0.4 + STREETS_PER_BEELINE * Math.sqrt(north * north + east * east);
        // The longer the trip, the larger its share of expressways.
        double speed = SPEED_BY_HOUR[hour] * (1 + Math.min(km, 20) / 12);
        double minutes = 2 + km / speed * 60 * (0.7 + 0.6 * random.nextDouble());
        long durationSeconds = Math.round(minutes * 60);
        double fare = Math.round((2.5 + km * 1.55 + minutes * 0.35) * 2) / 2.0;
        boolean card = random.nextDouble() < 0.65;
        double tip = card ? Math.round(fare * 20) / 100.0 : 0;

        if (random.nextDouble() < IMPLAUSIBLE_SHARE) {
            // a drop-off on the next day would end the replay long after its last trip
            long lastSecond = (DATE.toEpochDay() + 1) * SECONDS_PER_DAY - 1;
            boolean isLong = random.nextBoolean() && lastSecond - pickupSeconds >= MIN_IMPLAUSIBLE_SECONDS;
            durationSeconds = isLong ? lastSecond - pickupSeconds : -durationSeconds;
        }
        if (random.nextDouble() < MISSING_LOCATION_SHARE) {
            fromLat = 0;
            fromLon = 0;
            toLat = 0;
            toLon = 0;
        }

        line.setLength(0);
        line.append(1 + random.nextInt(2)).append(',');
        appendTime(pickupSeconds);
        appendTime(pickupSeconds + durationSeconds);
        line.append(1 + random.nextInt(4)).append(',');
        appendFixed(km / 1.609344, 2);
        appendFixed(fromLon, 6);
        appendFixed(fromLat, 6);
        line.append("1,N,");
        appendFixed(toLon, 6);
        appendFixed(toLat, 6);
        line.append(card ? "1," : "2,");
        appendFixed(fare, 2);
        line.append("0,0.5,");
        appendFixed(tip, 2);
        line.append("0,0.3,");
        appendFixed(fare + tip + 0.8, 2);
        line.setCharAt(line.length() - 1, '\n');
        return pickupSeconds + durationSeconds;
    }

    private Place pick(double[] cumulatedShares) {
        double share = random.nextDouble() * cumulatedShares[cumulatedShares.length - 1];
        int i = 0;
        while (cumulatedShares[i] <= share) {
            i++;
        }
        return PLACES[i];
    }

    /** Box-Muller transform on StrictMath: the library's generator may change between Java versions, and the day with it. */
    private double gaussian() {
        if (!Double.isNaN(spareGaussian)) {
            double spare = spareGaussian;
            spareGaussian = Double.NaN;
            return spare;
        }
        double radius = Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
        double angle = 2 * Math.PI * random.nextDouble();
        spareGaussian = radius * StrictMath.sin(angle);
        return radius * StrictMath.cos(angle);
    }

    private void appendTime(long localSeconds) {
        int length = DateTimes.writeUtc(localSeconds * 1_000, time);
        time[10] = ' ';
        // without the Z: the files contain New York's local time
        line.append(time, 0, length - 1).append(',');
    }

    private void appendFixed(double value, int decimals) {
        long scale = 1;
        for (int i = 0; i < decimals; i++) {
            scale *= 10;
        }
        long scaled = Math.round(Math.abs(value) * scale);
        if (value < 0 && scaled != 0) {
            line.append('-');
        }
        line.append(scaled / scale).append('.');
        long fraction = scaled % scale;
        for (long digit = scale / 10; digit > 1 && fraction < digit; digit /= 10) {
            line.append('0');
        }
        line.append(fraction).append(',');
    }

    /** Gzip with the fastest compression level, since the file lives for one run. */
    private static final class FastGzip extends GZIPOutputStream {

        FastGzip(OutputStream out) throws IOException {
            super(out, 1 << 16);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
