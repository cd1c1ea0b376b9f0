package io.taxistream.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that the reader without a parser is correct whenever it returns a trip, and that it reads every trip of the
 * writer.
 */
class WrittenTripReaderTest {

    private static final String TRIP_JSON = """
            {"type":"trip","trip_id":1234,"pickup_datetime":"2016-01-01T05:00:00Z",\
            "dropoff_datetime":"2016-01-01T05:12:30Z","pickup_lat":40.7,"pickup_lon":-73.9,\
            "dropoff_lat":40.6,"dropoff_lon":-73.8,"total_amount":12.5}
            """;

    private final WrittenTripReader written = new WrittenTripReader();
    private final EventReader reader = new EventReader();
    private final EventWriter writer = new EventWriter();

    @Property
    void readsEveryTripWithPlainNumbers(@ForAll("tripsOfPlainNumbers") TripEvent trip) {
        byte[] record = writer.write(trip);

        assertThat(written.read(record, 0, record.length)).isEqualTo(trip);
    }

    @Property(tries = 10_000)
    void roundsDigitsToTheNearestDouble(
            @ForAll @LongRange(max = 999_999_999_999_999_999L) long digits,
            @ForAll @IntRange(min = 1, max = 17) int decimals) {
        String number = new BigDecimal(BigInteger.valueOf(digits), decimals).toPlainString();
        byte[] record = TRIP_JSON.replace("40.7", number).getBytes(StandardCharsets.UTF_8);

        assertThat(written.read(record, 0, record.length).pickupLat()).isEqualTo(Double.parseDouble(number));
    }

    @Property
    void roundsNearTiesToTheNearestDouble(
            @ForAll @DoubleRange(min = 16, max = 180) double low, @ForAll @IntRange(min = -3, max = 3) int units) {
        BigDecimal middle =
                new BigDecimal(low).add(new BigDecimal(Math.nextUp(low))).divide(BigDecimal.valueOf(2));
        String number = middle.setScale(15, RoundingMode.HALF_EVEN)
                .add(BigDecimal.valueOf(units, 15))
                .toPlainString();
        byte[] record = TRIP_JSON.replace("40.7", number).getBytes(StandardCharsets.UTF_8);

        assertThat(written.read(record, 0, record.length).pickupLat()).isEqualTo(Double.parseDouble(number));
    }

    @Property
    void readsTripsOfSameAndDifferentDates(
            @ForAll @Size(min = 2, max = 5) List<@LongRange(min = -100_000_000, max = 100_000_000) Long> times) {
        for (long millis : times) {
            TripEvent trip = new TripEvent(1, millis - 1_000, millis, 40.7, -73.9, 40.6, -73.8, 12.5);
            byte[] record = writer.write(trip);

            assertThat(written.read(record, 0, record.length)).isEqualTo(trip);
        }
    }

    @Property(tries = 10_000)
    void agreesWithTheParserOnAcceptedInput(@ForAll("tripsOfPlainNumbers") TripEvent trip, @ForAll("edits") Edit edit) {
        byte[] record = edit.apply(writer.write(trip));

        assertAgreement(record);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "-0.0",
                "00",
                "01.5",
                "-",
                ".5",
                "5.",
                "-.5",
                "1e3",
                "1E400",
                "1.5e-3",
                "NaN",
                "+1",
                "0x10",
                "9007199254740993",
                "90071992547409.93",
                "123456789012345678",
                "12345678.9012345678",
                "40.758811950683594",
                "9007199254740992.5",
                "9007199254740993.0",
                "9007199254740993.1",
                "-4503599627370496.50",
                "450359962737049.750001",
                "99999999999999999.9",
                "1234567890123456789",
                "12345678901234567890123456789",
                "0.00000000000000000000000000001234",
                "1 ",
                "\"1\"",
                "null",
                "4.9E-324"
            })
    void agreesWithTheParserOnNumbers(String number) {
        assertAgreement(TRIP_JSON.replace("40.7", number).getBytes(StandardCharsets.UTF_8));
        assertAgreement(TRIP_JSON.replace("12.5", number).getBytes(StandardCharsets.UTF_8));
        assertAgreement(TRIP_JSON.replace("1234", number).getBytes(StandardCharsets.UTF_8));
    }

    /** Digits are read eight at a time. */
    @Test
    void agreesWithTheParserOnAnyByteAmongDigits() {
        String number = "12345678.9012345678";
        byte[] record = TRIP_JSON.replace("40.7", number).getBytes(StandardCharsets.UTF_8);
        int start = new String(record, StandardCharsets.ISO_8859_1).indexOf(number);
        for (int i = start; i < start + number.length(); i++) {
            byte original = record[i];
            for (int value = 0; value < 256; value++) {
                record[i] = (byte) value;
                assertAgreement(record);
                if (value >= '1' && value <= '9' && original != '.') {
                    assertThat(written.read(record, 0, record.length)).isNotNull();
                }
            }
            record[i] = original;
        }
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                Long.MAX_VALUE,
                Long.MAX_VALUE - 1,
                Long.MIN_VALUE,
                Long.MIN_VALUE + 1,
                999_999_999_999_999_999L,
                1_000_000_000_000_000_000L,
                0,
                -1
            })
    void agreesWithTheParserOnIds(long id) throws MalformedEventException {
        byte[] record = TRIP_JSON.replace("1234", Long.toString(id)).getBytes(StandardCharsets.UTF_8);

        assertAgreement(record);
        assertThat(((TripEvent) reader.read(record)).tripId()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2016-01-01T05:00:00.123Z",
                "2016-01-01T05:00:00.1Z",
                "2016-13-01T05:00:00Z",
                "2016-01-01 05:00:00Z",
                "2016-01-01T24:00:00Z",
                "2016-01-01T23:60:00Z",
                "2016-01-01T23:59:60Z",
                "2016-01-01T2/:00:00Z",
                "2016-01-01T05:0::00Z",
                "2016-01-01T05-00:00Z",
                "2016-01-01T05:00:00+00:00",
                "2016-01-01T0\u00b2:00:00Z",
                "2016-01-01T05:00:0Z",
                "2016-01-01t05:00:00Z",
                "+999999-12-31T00:00Z",
                "-999999-01-01T00:00Z",
                "+002016-01-01T05:00Z",
                "+999999999-12-31T23:59:59Z",
                "-999999999-01-01T00:00:00Z",
                "\0\0\0\0\0\0\0\0\0\0\00005:00:00Z",
                ""
            })
    void agreesWithTheParserOnTimes(String time) {
        assertAgreement(TRIP_JSON.replace("2016-01-01T05:00:00Z", time).getBytes(StandardCharsets.UTF_8));
    }

    @Property(tries = 10_000)
    void agreesWithTheParserOnExtremeTimes(@ForAll("extremeTimes") @Size(min = 2, max = 4) List<String> pickupTimes) {
        for (String time : pickupTimes) {
            assertAgreement(TRIP_JSON.replace("2016-01-01T05:00:00Z", time).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Provide
    Arbitrary<List<String>> extremeTimes() {
        return ExtremeTimes.texts().list();
    }

    @Test
    void leavesOtherFormsToTheParser() {
        byte[] spaced = TRIP_JSON.replace(",", ", ").getBytes(StandardCharsets.UTF_8);

        assertThat(written.read(spaced, 0, spaced.length)).isNull();
    }

    private void assertAgreement(byte[] record) {
        TripEvent fast = written.read(record, 0, record.length);
        if (fast != null) {
            assertThat(parsed(record))
                    .as(new String(record, StandardCharsets.UTF_8))
                    .isEqualTo(fast);
        }
    }

    private Object parsed(byte[] record) {
        try {
            return reader.parse(record, 0, record.length);
        } catch (MalformedEventException e) {
            return e;
        }
    }

    /** Replaces some bytes of a record. */
    record Edit(double at, int removed, String text) {

        byte[] apply(byte[] record) {
            byte[] inserted = text.getBytes(StandardCharsets.UTF_8);
            int start = (int) (at * record.length);
            int rest = Math.min(record.length, start + removed);
            byte[] edited = new byte[start + inserted.length + record.length - rest];
            System.arraycopy(record, 0, edited, 0, start);
            System.arraycopy(inserted, 0, edited, start, inserted.length);
            System.arraycopy(record, rest, edited, start + inserted.length, record.length - rest);
            return edited;
        }
    }

    @Provide
    Arbitrary<Edit> edits() {
        Arbitrary<String> inserted = Arbitraries.strings()
                .withChars("0123456789-+.eEZT:,\"{} x\u00e9")
                .ofMaxLength(3);
        return Combinators.combine(
                        Arbitraries.doubles().between(0, 1),
                        Arbitraries.integers().between(0, 3),
                        inserted)
                .as(Edit::new);
    }

    @Provide
    Arbitrary<TripEvent> tripsOfPlainNumbers() {
        Arbitrary<Long> times = Arbitraries.longs().between(DateTimes.MIN_MILLIS, DateTimes.MAX_MILLIS);
        Arbitrary<Double> decimals = Arbitraries.doubles().between(-180, 180).ofScale(6);
        Arbitrary<Double> floats = Arbitraries.floats().between(-180, 180).map(Float::doubleValue);
        Arbitrary<Double> numbers = Arbitraries.oneOf(decimals, floats)
                .filter(value -> value == 0 || Math.abs(value) >= 0.001); // smaller ones are written with an exponent
        Arbitrary<Long> ids = Arbitraries.longs().filter(id -> id != Long.MIN_VALUE);
        return Combinators.combine(ids, times, times, numbers, numbers, numbers, numbers, numbers)
                .as(TripEvent::new);
    }
}
