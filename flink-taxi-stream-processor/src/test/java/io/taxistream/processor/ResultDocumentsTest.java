package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.processor.trips.LateTrip;
import io.taxistream.processor.trips.MalformedRecord;
import io.taxistream.processor.trips.PickupCount;
import io.taxistream.processor.trips.TripDuration;
import io.taxistream.search.SearchDocument;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.Test;

class ResultDocumentsTest {

    private final ResultDocuments documents = new ResultDocuments("taxi-dashboard");

    @Test
    void pickupCountIsOneDocumentPerCellAndWindow() {
        assertThat(documents.of(new PickupCount(1448986199999L, "dr5ru7", 12)))
                .isEqualTo(SearchDocument.of("taxi-dashboard-pickup-count", "dr5ru7-1448986199999", """
                        {"timestamp":1448986199999,"location":"dr5ru7","pickup_count":12}"""));
    }

    @Test
    void tripDurationIsOneDocumentPerCellAirportAndWindow() {
        assertThat(documents.of(new TripDuration(1448986199999L, "dr5ru7", "JFK", 3, 100.25)))
                .isEqualTo(SearchDocument.of("taxi-dashboard-trip-duration", "dr5ru7-JFK-1448986199999", """
                        {"timestamp":1448986199999,"location":"dr5ru7","airport_code":"JFK","trip_count":3,\
                        "sum_trip_duration":100.25,"avg_trip_duration":33.416666666666664}"""));
    }

    @Test
    void redeliveredMalformedRecordIsKeptOnceWithItsReason() {
        MalformedRecord record =
                new MalformedRecord("NOT_JSON", "not a JSON object", "\"x".getBytes(StandardCharsets.UTF_8));

        SearchDocument document = documents.of(record);

        assertThat(document.index()).isEqualTo("taxi-dashboard-rejected-record");
        assertThat(new String(document.source(), StandardCharsets.UTF_8)).isEqualTo("""
                        {"reason":"NOT_JSON","message":"not a JSON object","record":"\\"x"}""");
        assertThat(documents.of(record)).isEqualTo(document);
    }

    @Test
    void malformedRecordThatIsNotUtf8IsKeptInBase64() {
        // given bytes that would all become the same replacement character
        MalformedRecord record =
                new MalformedRecord("NOT_JSON", "not JSON", new byte[] {'{', (byte) 0xff, (byte) 0xfe, (byte) 0xed});

        assertThat(documents.of(record).source())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("""
                        {"reason":"NOT_JSON","message":"not JSON","record":"e//+7Q==","record_encoding":"base64"}""");
    }

    @Test
    void malformedRecordInUtf8IsKeptAsText() {
        byte[] text = "\ufeffZo\u00eb \ufffd \ud83d\ude95\u0000\n".getBytes(StandardCharsets.UTF_8);

        assertThat(documents
                        .of(new MalformedRecord("NOT_JSON", "not JSON", text))
                        .source())
                .asString(StandardCharsets.UTF_8)
                .endsWith("\"record\":\"\ufeffZo\u00eb \ufffd \\uD83D\\uDE95\\u0000\\n\"}");
    }

    @Test
    void lateTripIsKeptUnderItsIdWithAllFields() {
        long dropoffMillis = Instant.parse("2015-12-01T16:09:00Z").toEpochMilli();

        assertThat(documents.of(new LateTrip(42, dropoffMillis - 90_500, dropoffMillis, "dr5ru7", "JFK")))
                .isEqualTo(SearchDocument.of("taxi-dashboard-rejected-record", "late-42", """
                        {"reason":"LATE","message":"the trip arrived after its window had closed","trip_id":42,\
                        "pickup_datetime":"2015-12-01T16:07:29.500Z","dropoff_datetime":"2015-12-01T16:09:00Z",\
                        "location":"dr5ru7","airport_code":"JFK"}"""));
        assertThat(documents.of(new LateTrip(43, 0, 1, "dr5ru7", null)).source())
                .asString(StandardCharsets.UTF_8)
                .endsWith("\"location\":\"dr5ru7\"}");
    }

    @Test
    void documentsNeedNoKryo() {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(SearchDocument.class);
    }
}
