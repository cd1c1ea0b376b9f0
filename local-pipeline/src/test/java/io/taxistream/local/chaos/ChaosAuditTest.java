package io.taxistream.local.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.events.Event;
import io.taxistream.events.EventWriter;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChaosAuditTest {

    private static final String STREAM = "trips";
    private static final BigInteger FIRST_HALF = BigInteger.ZERO;
    private static final BigInteger SECOND_HALF = BigInteger.TWO.pow(127);

    private EmbeddedKinesis kinesis;

    @BeforeEach
    void start() throws IOException {
        kinesis = EmbeddedKinesis.builder().start();
        kinesis.createStream(STREAM, 2);
    }

    @AfterEach
    void stop() {
        kinesis.close();
    }

    @Test
    void tripBehindTheWatermarkOfItsWindowIsLate() {
        put(FIRST_HALF, trip(1, "16:05"));
        put(FIRST_HALF, watermark("16:09:59.998Z"));
        put(FIRST_HALF, trip(2, "16:05"));
        put(FIRST_HALF, watermark("16:09:59.999Z"));
        put(FIRST_HALF, trip(3, "16:05"));
        put(FIRST_HALF, trip(4, "16:10"));
        put(SECOND_HALF, trip(5, "16:05"));

        StreamAudit audit = StreamAudit.of(kinesis, STREAM);

        assertThat(audit.lateTripIds()).containsExactly(3L);
        assertThat(audit.tripIds().toArray()).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void strayWatermarkMakesNothingLate() {
        put(FIRST_HALF, watermark("16:09:59.999Z"));
        kinesis.putRecord(STREAM, "k", FIRST_HALF, StreamCorruption.strayWatermarkRecord());
        put(FIRST_HALF, trip(1, "16:05"));
        put(FIRST_HALF, trip(2, "16:15"));

        StreamAudit audit = StreamAudit.of(kinesis, STREAM);

        assertThat(audit.lateTripIds()).containsExactly(1L);
        assertThat(audit.lastWatermark("shardId-000000000000")).isEqualTo(millis("16:09:59.999Z"));
    }

    @Test
    void childShardStartsAtTheSmallestWatermarkOfItsParents() {
        put(FIRST_HALF, watermark("16:19:59.999Z"));
        put(SECOND_HALF, watermark("16:09:59.999Z"));
        kinesis.mergeShards(STREAM, "shardId-000000000000", "shardId-000000000001");
        put(FIRST_HALF, trip(1, "16:05"));
        put(FIRST_HALF, trip(2, "16:15"));

        assertThat(StreamAudit.of(kinesis, STREAM).lateTripIds()).containsExactly(1L);
    }

    @Test
    void slowestUnfinishedProducerDeterminesTheWatermark() {
        put(FIRST_HALF, watermark("16:19:59.999Z", new Part(1, 2), false));
        put(FIRST_HALF, trip(1, "16:05"));
        put(FIRST_HALF, watermark("16:09:59.999Z", new Part(2, 2), false));
        put(FIRST_HALF, trip(2, "16:15"));
        put(FIRST_HALF, trip(3, "16:05"));
        put(FIRST_HALF, watermark("16:09:59.999Z", new Part(2, 2), true));
        put(FIRST_HALF, trip(4, "16:15"));

        assertThat(StreamAudit.of(kinesis, STREAM).lateTripIds()).containsExactlyInAnyOrder(3L, 4L);
    }

    @Test
    void childShardLacksPartsMissingInOneParent() {
        put(FIRST_HALF, watermark("16:19:59.999Z", new Part(1, 2), false));
        put(FIRST_HALF, watermark("16:19:59.999Z", new Part(2, 2), true));
        put(SECOND_HALF, watermark("16:09:59.999Z", new Part(1, 2), false));
        kinesis.mergeShards(STREAM, "shardId-000000000000", "shardId-000000000001");
        put(FIRST_HALF, trip(1, "16:05"));
        put(FIRST_HALF, watermark("16:09:59.999Z", new Part(2, 2), false));
        put(FIRST_HALF, trip(2, "16:05"));

        assertThat(StreamAudit.of(kinesis, STREAM).lateTripIds()).containsExactly(2L);
    }

    @Test
    void excludedTripsAndNonEventsAreNotLate() {
        put(FIRST_HALF, watermark("16:09:59.999Z"));
        put(FIRST_HALF, new TripEvent(1, millis("16:00:00Z"), millis("16:05:00Z"), 0, 0, 40.7, -74, 10));
        kinesis.putRecord(STREAM, "k", FIRST_HALF, "no event".getBytes(StandardCharsets.UTF_8));

        assertThat(StreamAudit.of(kinesis, STREAM).lateTripIds()).isEmpty();
    }

    private void put(BigInteger hashKey, Event event) {
        kinesis.putRecord(STREAM, "k", hashKey, new EventWriter().write(event));
    }

    private static TripEvent trip(long id, String dropoff) {
        return new TripEvent(id, millis("16:00:00Z"), millis(dropoff + ":00Z"), 40.7, -74, 40.7, -74, 10);
    }

    private static WatermarkEvent watermark(String time) {
        return new WatermarkEvent(millis(time));
    }

    private static WatermarkEvent watermark(String time, Part part, boolean ended) {
        return new WatermarkEvent(new WatermarkRecord(millis(time), part, ended));
    }

    private static long millis(String time) {
        return Instant.parse("2015-12-01T" + time).toEpochMilli();
    }
}
