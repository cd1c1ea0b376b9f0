package io.taxistream.processor.trips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.hsr.geohash.BoundingBox;
import ch.hsr.geohash.GeoHash;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GeohashCellsTest {

    @Property(tries = 20_000)
    void findsTheCellThatTheLibraryFinds(
            @ForAll @DoubleRange(min = -90, max = 90) double lat,
            @ForAll @DoubleRange(min = -180, max = 180) double lon,
            @ForAll @IntRange(min = 1, max = 12) int characters) {
        assertSame(lat, lon, characters);
    }

    @Property(tries = 5_000)
    void assignsCellBordersAsTheLibraryDoes(
            @ForAll @DoubleRange(min = -90, max = 90) double lat,
            @ForAll @DoubleRange(min = -180, max = 180) double lon,
            @ForAll @IntRange(min = 1, max = 12) int characters) {
        BoundingBox cell = GeoHash.withCharacterPrecision(lat, lon, characters).getBoundingBox();
        for (double borderLat : new double[] {cell.getSouthLatitude(), cell.getNorthLatitude()}) {
            for (double borderLon : new double[] {cell.getWestLongitude(), cell.getEastLongitude()}) {
                assertSame(borderLat, borderLon, characters);
                assertSame(clamped(Math.nextDown(borderLat), 90), clamped(Math.nextDown(borderLon), 180), characters);
                assertSame(clamped(Math.nextUp(borderLat), 90), clamped(Math.nextUp(borderLon), 180), characters);
            }
        }
    }

    @Test
    void findsTheCellsAtPolesAndDateLine() {
        for (double lat : new double[] {-90, -0.0, 0, 90}) {
            for (double lon : new double[] {-180, -0.0, 0, 180}) {
                for (int characters = 1; characters <= 12; characters++) {
                    assertSame(lat, lon, characters);
                }
            }
        }
    }

    @Property(tries = 2_000)
    void writesTheGeohashThatTheLibraryWrites(
            @ForAll @DoubleRange(min = -90, max = 90) double lat,
            @ForAll @DoubleRange(min = -180, max = 180) double lon,
            @ForAll @IntRange(min = 1, max = 12) int characters) {
        assertThat(GeohashCells.geohash(GeohashCells.cellAt(lat, lon, characters), characters))
                .isEqualTo(GeoHash.geoHashStringWithCharacterPrecision(lat, lon, characters));
    }

    @Test
    void rejectsCoordinatesOutOfRange() {
        for (double[] place :
                new double[][] {{90.5, 0}, {-91, 0}, {0, 180.5}, {0, -181}, {Double.NaN, 0}, {0, Double.NaN}}) {
            assertThatIllegalArgumentException()
                    .as("cell of %s, %s", place[0], place[1])
                    .isThrownBy(() -> GeohashCells.cellAt(place[0], place[1], 6));
        }
    }

    private static double clamped(double value, double limit) {
        return Math.max(-limit, Math.min(limit, value));
    }

    private static void assertSame(double lat, double lon, int characters) {
        assertThat(GeohashCells.cellAt(lat, lon, characters))
                .as("cell of %s, %s with %d characters", lat, lon, characters)
                .isEqualTo(GeoHash.withCharacterPrecision(lat, lon, characters).longValue());
    }
}
