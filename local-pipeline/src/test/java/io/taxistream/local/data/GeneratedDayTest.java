package io.taxistream.local.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratedDayTest {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    private static byte[] csv;
    private static int reportedTrips;
    private static List<String> lines;
    private static List<Trip> trips;

    @TempDir
    private Path folder;

    private record Trip(
            LocalDateTime pickup,
            LocalDateTime dropoff,
            double pickupLat,
            double pickupLon,
            double dropoffLat,
            double dropoffLon) {

        static Trip of(String line) {
            String[] fields = line.split(",", -1);
            assertThat(fields).hasSize(19);
            return new Trip(
                    LocalDateTime.parse(fields[1], TIME),
                    LocalDateTime.parse(fields[2], TIME),
                    Double.parseDouble(fields[6]),
                    Double.parseDouble(fields[5]),
                    Double.parseDouble(fields[10]),
                    Double.parseDouble(fields[9]));
        }

        boolean endsIn(double south, double north, double west, double east) {
            return dropoffLat >= south && dropoffLat <= north && dropoffLon >= west && dropoffLon <= east;
        }

        boolean hasFix() {
            return pickupLat != 0;
        }

        boolean isPlausible() {
            Duration duration = Duration.between(pickup, dropoff);
            return !duration.isNegative() && duration.compareTo(Duration.ofHours(6)) <= 0;
        }
    }

    @BeforeAll
    static void generate() throws IOException {
        var out = new ByteArrayOutputStream();
        reportedTrips = new GeneratedDay(1).writeTo(out);
        csv = out.toByteArray();
        lines = new String(csv, StandardCharsets.US_ASCII).lines().toList();
        trips = lines.stream().skip(1).map(Trip::of).toList();
    }

    @Test
    void isDeterministic() throws Exception {
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(csv));

        assertThat(digest).isEqualTo("b44a094b61c671ba247b95589102ca0a2c2c8217b37df6b3015ca6d9a26ce931");
    }

    @Test
    void differentSeedYieldsADifferentDay() throws IOException {
        var other = new ByteArrayOutputStream();
        new GeneratedDay(2).writeTo(other);

        assertThat(other.toByteArray()).isNotEqualTo(csv);
    }

    @Test
    void hasAbout370000TripsOfThatDay() {
        assertThat(lines.get(0)).isEqualTo(GeneratedDay.HEADER);
        assertThat(trips).hasSize(reportedTrips).hasSizeBetween(368_000, 374_000);
        assertThat(trips).allMatch(trip -> trip.pickup().toLocalDate().equals(GeneratedDay.DATE));
        LocalDateTime twoInTheNight = GeneratedDay.DATE.plusDays(1).atTime(2, 0);
        assertThat(trips).allMatch(trip -> trip.dropoff().isBefore(twoInTheNight));
    }

    @Test
    void isInOrderOfDropoff() {
        assertThat(trips.stream().map(Trip::dropoff)).isSorted();
    }

    @Test
    void followsTheDailyCurve() {
        long[] byHour = new long[24];
        trips.forEach(trip -> byHour[trip.pickup().getHour()]++);

        assertThat(byHour[3]).isLessThan(byHour[8] / 5).isLessThan(byHour[19] / 5);
        assertThat(byHour[16]).as("shift change").isLessThan(byHour[14]).isLessThan(byHour[18]);
    }

    @Test
    void goesToTheAirports() {
        long jfk = trips.stream()
                .filter(trip -> trip.endsIn(40.6200, 40.6650, -73.8220, -73.7450))
                .count();
        long laGuardia = trips.stream()
                .filter(trip -> trip.endsIn(40.7665, 40.7880, -73.8900, -73.8550))
                .count();

        assertThat(jfk).isBetween(2_000L, 5_000L);
        assertThat(laGuardia).isBetween(4_000L, 8_000L);
    }

    @Test
    void mostTripsStartInManhattan() {
        long manhattan = trips.stream()
                .filter(trip -> trip.pickupLat() > 40.70
                        && trip.pickupLat() < 40.82
                        && trip.pickupLon() > -74.02
                        && trip.pickupLon() < -73.93)
                .count();

        assertThat((double) manhattan / trips.size()).isCloseTo(0.87, within(0.05));
    }

    @Test
    void mostTripsTakeMinutes() {
        List<Long> seconds = trips.stream()
                .map(trip -> Duration.between(trip.pickup(), trip.dropoff()).toSeconds())
                .sorted()
                .toList();

        assertThat(seconds.get(seconds.size() / 2)).as("median").isBetween(600L, 900L);
        assertThat(seconds.get(seconds.size() * 9 / 10)).as("90 %").isBetween(1_300L, 2_400L);
    }

    @Test
    void containsOutliersLikeRealData() {
        assertThat(trips.stream().filter(trip -> !trip.hasFix()).count()).isBetween(4_500L, 6_500L);
        assertThat(trips.stream().filter(trip -> !trip.isPlausible()).count()).isBetween(1L, 30L);
    }

    @Test
    void writesTheSameTripsCompressed() throws IOException {
        Path file = folder.resolve("day.csv.gz");

        new GeneratedDay(1).writeTo(file);

        try (var in = new GZIPInputStream(Files.newInputStream(file))) {
            assertThat(in.readAllBytes()).isEqualTo(csv);
        }
    }
}
