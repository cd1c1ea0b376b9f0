package io.taxistream.producer.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.producer.trips.TripForm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class PrintedEventsTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void printsAWatermarkBeforeEachMinuteAndAtTheEnd() throws MalformedEventException {
        print(true, 0, 59_999, 60_000, 60_000, 185_000);

        assertThat(printed())
                .containsExactly(
                        trip(0),
                        trip(59_999),
                        new WatermarkEvent(59_999),
                        trip(60_000),
                        trip(60_000),
                        new WatermarkEvent(184_999),
                        trip(185_000),
                        new WatermarkEvent(185_000));
    }

    @Test
    void printsOnlyTripsWithoutWatermarks() throws MalformedEventException {
        print(false, 0, 60_000);

        assertThat(printed()).containsExactly(trip(0), trip(60_000));
    }

    @Test
    void partIsNamedInWatermarksAndEndsAfterTheOthersTrips() throws MalformedEventException {
        Part part = new Part(2, 3);
        try (var events = new PrintedEvents<>(out, new TripForm(), true, part)) {
            events.send(trip(0), 0);
            events.send(trip(60_000), 60_000);
            events.advanceTo(70_000);
            events.finish(true);
        }

        assertThat(printed())
                .containsExactly(
                        trip(0),
                        new WatermarkEvent(WatermarkRecord.of(59_999, part)),
                        trip(60_000),
                        new WatermarkEvent(new WatermarkRecord(70_000, part, true)));
    }

    @Property
    void noTripFollowsAWatermarkThatCoversIt(@ForAll @NotEmpty List<@IntRange(max = 70_000) Integer> gaps)
            throws MalformedEventException {
        out.reset();
        long[] times = new long[gaps.size()];
        long time = 0;
        for (int i = 0; i < times.length; i++) {
            time += gaps.get(i);
            times[i] = time;
        }

        print(true, times);

        long watermark = Long.MIN_VALUE;
        for (Event event : printed()) {
            if (event instanceof WatermarkEvent) {
                assertThat(event.timestampMillis()).isGreaterThanOrEqualTo(watermark);
                watermark = event.timestampMillis();
            } else {
                assertThat(event.timestampMillis()).isGreaterThan(watermark);
            }
        }
        assertThat(watermark).isEqualTo(time);
    }

    @Test
    void brokenPipeIsNotAnError() {
        var trips = new PrintedEvents<>(failing("Broken pipe"), new TripForm(), true, Part.ONLY);
        trips.send(trip(0), 0);

        assertThatThrownBy(() -> trips.finish(true)).isInstanceOf(PrintedEvents.OutputClosedException.class);
    }

    @Test
    void fullDiskIsAnError() {
        var trips = new PrintedEvents<>(failing("No space left on device"), new TripForm(), true, Part.ONLY);
        trips.send(trip(0), 0);

        assertThatThrownBy(() -> trips.finish(true))
                .isInstanceOf(StreamFailedException.class)
                .hasMessage("standard output cannot be written: No space left on device");
    }

    private void print(boolean watermarks, long... times) {
        try (var trips = new PrintedEvents<>(out, new TripForm(), watermarks, Part.ONLY)) {
            for (long time : times) {
                trips.send(trip(time), time);
            }
            trips.finish(true);
            assertThat(trips.status().sent()).isEqualTo(times.length);
        }
    }

    private List<Event> printed() throws MalformedEventException {
        var reader = new EventReader();
        List<Event> events = new ArrayList<>();
        for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
            events.add(reader.read(line.getBytes(StandardCharsets.UTF_8)));
        }
        return events;
    }

    private static TripEvent trip(long dropoffMillis) {
        return new TripEvent(1, dropoffMillis, dropoffMillis, 40.7, -73.9, 40.6, -73.8, 12.5);
    }

    private static OutputStream failing(String message) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(message);
            }
        };
    }
}
