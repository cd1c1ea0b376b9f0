package io.taxistream.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.taxistream.events.MalformedEventException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventJsonTest {

    private static final TripEvent TRIP = new TripEvent(
            1234,
            Instant.parse("2016-01-01T05:00:00Z").toEpochMilli(),
            Instant.parse("2016-01-01T05:12:30Z").toEpochMilli(),
            40.7,
            -73.9,
            40.6,
            -73.8,
            12.5);

    private static final String TRIP_JSON = """
            {"type":"trip","trip_id":1234,"pickup_datetime":"2016-01-01T05:00:00Z",\
            "dropoff_datetime":"2016-01-01T05:12:30Z","pickup_lat":40.7,"pickup_lon":-73.9,\
            "dropoff_lat":40.6,"dropoff_lon":-73.8,"total_amount":12.5}
            """;

    private final EventReader reader = new EventReader();
    private final EventWriter writer = new EventWriter();

    @Test
    void writesATripAsOneLine() {
        assertThat(new String(writer.write(TRIP), StandardCharsets.UTF_8)).isEqualTo(TRIP_JSON);
    }

    @Test
    void writesAWatermarkAsOneLine() {
        var watermark =
                new WatermarkEvent(Instant.parse("2016-01-01T05:12:29.999Z").toEpochMilli());

        assertThat(new String(writer.write(watermark), StandardCharsets.UTF_8))
                .isEqualTo("{\"type\":\"watermark\",\"watermark\":\"2016-01-01T05:12:29.999Z\"}\n");
    }

    @Test
    void eventTimeOfATripIsItsDropoff() {
        assertThat(TRIP.timestampMillis()).isEqualTo(TRIP.dropoffMillis());
    }

    @Test
    void readsOnlyTheGivenRange() throws MalformedEventException {
        byte[] record = ("xx" + TRIP_JSON + "yy").getBytes(StandardCharsets.UTF_8);

        assertThat(reader.read(record, 2, record.length - 4)).isEqualTo(TRIP);
    }

    @Test
    void readsLongFieldNamesInAnyOrderAndIgnoresUnknownFields() throws MalformedEventException {
        String json = """
                {"vendor":{"id":[1,{"type":"nobody"}]},"dropoff_longitude":-73.8,"dropoff_latitude":40.6,\
                "pickup_longitude":-73.9,"pickup_latitude":40.7,"total_amount":12.5,\
                "dropoff_datetime":"2016-01-01T00:12:30-05:00","pickup_datetime":"2016-01-01T05:00:00.000Z",\
                "trip_id":1234,"type":"trip"}""";

        assertThat(read(json)).isEqualTo(TRIP);
    }

    @Test
    void readerResetsBetweenRecords() throws MalformedEventException {
        read(TRIP_JSON);

        String withoutAmount = TRIP_JSON.replace(",\"total_amount\":12.5", "");
        assertThat(((TripEvent) read(withoutAmount)).totalAmount()).isZero();

        String withoutId = TRIP_JSON.replace("\"trip_id\":1234,", "");
        assertThatThrownBy(() -> read(withoutId)).hasMessage("trip_id is missing");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            NOT_JSON      | ``                                               | not a JSON object
            NOT_JSON      | []                                               | not a JSON object
            NOT_JSON      | {"type":"watermark","watermark":                 | not JSON
            NOT_JSON      | {"type":"watermark","watermark":"2016-01-01T05:12:29.999Z"}{} | more than one
            UNKNOWN_TYPE  | {}                                               | type is missing
            UNKNOWN_TYPE  | {"type":"fare"}                                  | type is fare
            UNKNOWN_TYPE  | {"type":null}                                    | type is null
            MISSING_FIELD | {"type":"watermark"}                             | watermark is missing
            MISSING_FIELD | {"type":"trip","trip_id":1}                      | pickup_datetime is missing
            INVALID_VALUE | {"type":"watermark","watermark":12}              | watermark is '12'
            INVALID_VALUE | {"type":"watermark","watermark":"noon"}          | watermark is 'noon'
            INVALID_VALUE | {"type":"watermark","watermark":"2016-01-01T05:12:29"}  | must be an ISO-8601 time
            INVALID_VALUE | {"type":"watermark","watermark":"2015-02-29T05:12:29Z"} | must be an ISO-8601 time
            INVALID_VALUE | {"type":"watermark","watermark":"+12016-01-01T05:12:29Z"} | years 0 to 9999
            INVALID_VALUE | {"type":"watermark","watermark":"+999999999-12-31T23:59:59Z"} | years 0 to 9999
            INVALID_VALUE | {"type":"watermark","watermark":"-999999999-01-01T00:00:00Z"} | years 0 to 9999
            INVALID_VALUE | {"type":"trip","dropoff_datetime":"+999999999-12-31T23:59:59Z"} | years 0 to 9999
            INVALID_VALUE | {"type":"trip","pickup_datetime":"-999999999-01-01T00:00:00Z"}  | years 0 to 9999
            INVALID_VALUE | {"type":"trip","pickup_datetime":"0000-01-01T00:00:00+00:01"}   | years 0 to 9999
            INVALID_VALUE | {"type":"trip","pickup_datetime":"noon"}         | pickup_datetime is 'noon'
            INVALID_VALUE | {"type":"trip","pickup_datetime":12}             | pickup_datetime is '12'
            INVALID_VALUE | {"type":"trip","trip_id":"1"}                    | trip_id is '1'
            INVALID_VALUE | {"type":"trip","trip_id":1.5}                    | trip_id is '1.5'
            INVALID_VALUE | {"type":"trip","trip_id":92233720368547758070}   | 64-bit
            INVALID_VALUE | {"type":"trip","pickup_lat":"40.7"}              | pickup_lat is '40.7'
            INVALID_VALUE | {"type":"trip","pickup_lat":1e999}               | range of a double
            INVALID_VALUE | {"type":"trip","pickup_lat":{"deg":40}}          | pickup_lat is not a plain value
            """)
    void malformedRecordIsExplained(Reason reason, String json, String message) {
        var error = catchThrowableOfType(MalformedEventException.class, () -> read(json));

        assertThat(error.reason()).isEqualTo(reason);
        assertThat(error).hasMessageContaining(message);
        assertThat(error.getMessage().lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void coordinatesAreFinite(double notFinite) {
        assertThatThrownBy(() -> new TripEvent(1, 0, 0, notFinite, 0, 0, 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pickupLat");
    }

    @Property
    void readsBackWhatItWrites(@ForAll("events") Event event) throws MalformedEventException {
        byte[] record = writer.write(event);

        assertThat(reader.read(record)).isEqualTo(event);
        assertThat(new String(record, StandardCharsets.UTF_8)).endsWith("}\n").hasLineCount(1);
    }

    @Property
    void truncatedRecordsAreMalformed(@ForAll("events") Event event, @ForAll double share) {
        byte[] record = writer.write(event);
        int length = (int) (Math.abs(share % 1) * (record.length - 2));

        assertThatThrownBy(() -> reader.read(record, 0, length)).isInstanceOf(MalformedEventException.class);
    }

    @Property(tries = 10_000)
    void aTimeIsReadOrMakesTheRecordMalformed(
            @ForAll("extremeTimes") String time,
            @ForAll("extremeTimes") String other,
            @ForAll("recordsWithTwoTimes") String record) {
        String json = record.formatted(time, other);
        try {
            Event event = read(json);

            assertThat(event.timestampMillis()).isBetween(DateTimes.MIN_MILLIS, DateTimes.MAX_MILLIS);
        } catch (MalformedEventException e) {
            assertThat(e.reason()).isEqualTo(Reason.INVALID_VALUE);
            assertThat(e).hasMessageContaining("years 0 to 9999");
        }
    }

    @Provide
    Arbitrary<String> extremeTimes() {
        return ExtremeTimes.texts();
    }

    @Provide
    Arbitrary<String> recordsWithTwoTimes() {
        String trip = TRIP_JSON.replace("2016-01-01T05:00:00Z", "%s").replace("2016-01-01T05:12:30Z", "%s");
        return Arbitraries.of(
                trip, trip.replace(",", ", "), "{\"type\":\"watermark\",\"watermark\":\"%s\",\"other\":\"%s\"}");
    }

    @Provide
    Arbitrary<Event> events() {
        Arbitrary<Long> times = Arbitraries.longs().between(DateTimes.MIN_MILLIS, DateTimes.MAX_MILLIS);
        Arbitrary<Double> numbers = Arbitraries.doubles();
        Arbitrary<Event> trips = Combinators.combine(
                        Arbitraries.longs(), times, times, numbers, numbers, numbers, numbers, numbers)
                .as(TripEvent::new);
        Arbitrary<Event> watermarks = times.map(WatermarkEvent::new);
        return Arbitraries.oneOf(trips, watermarks);
    }

    private Event read(String json) throws MalformedEventException {
        return reader.read(json.getBytes(StandardCharsets.UTF_8));
    }
}
