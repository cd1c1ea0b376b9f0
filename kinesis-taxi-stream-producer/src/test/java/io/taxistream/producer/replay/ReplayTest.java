package io.taxistream.producer.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.events.TripEvent;
import io.taxistream.eventtime.Part;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.trips.TripForm;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReplayTest {

    private static final long START = Instant.parse("2015-12-01T05:00:00Z").toEpochMilli();
    private static final long TODAY = Instant.parse("2026-01-01T12:00:00Z").toEpochMilli();
    private static final Duration HOUR = Duration.ofHours(1);

    private final FakeClock clock = new FakeClock();
    private final FakeSink sink = new FakeSink();
    private final List<String> messages = new ArrayList<>();
    private Part part = Part.ONLY;

    @Test
    void sendsATripWhenItIsDueOnTheReplayClock() {
        replay(60, AdaptTime.ORIGINAL, 0, 60, 90, 600).run();

        assertThat(sink.sentAtSeconds).containsExactly(0.0, 1.0, 1.5, 10.0);
        assertThat(sink.trips)
                .extracting(TripEvent::dropoffMillis)
                .containsExactly(START, START + 60_000, START + 90_000, START + 600_000);
        assertThat(sink.finished).isEqualTo("complete");
    }

    @Test
    void advancesEventTimeWhileATripWaits() {
        replay(60, AdaptTime.ORIGINAL, 0, 60, 60).run();

        assertThat(sink.announced).containsExactly(START + 60_000);
    }

    @Test
    void speedupZeroSendsWithoutWaiting() {
        replay(0, AdaptTime.ORIGINAL, 0, 3_600_000).run();

        assertThat(sink.sentAtSeconds).containsExactly(0.0, 0.0);
        assertThat(messages).isEmpty();
    }

    @Test
    void skipsALongGapAndReportsIt() {
        replay(60, AdaptTime.ORIGINAL, 0, 86_400, 86_460).run();

        assertThat(sink.sentAtSeconds).containsExactly(0.0, 0.0, 1.0);
        assertThat(messages)
                .containsExactly(
                        "no events between 2015-12-01T05:00:00Z and 2015-12-02T05:00:00Z; skipping the gap (-maxGap)");
    }

    @Test
    void catchesUpAfterADelayAndReportsIt() {
        sink.secondsPerTrip = 3;
        Replay<TripEvent> replay = replay(60, AdaptTime.ORIGINAL, 0, 60, 120, 1_200);

        replay.run();

        assertThat(sink.sentAtSeconds).containsExactly(0.0, 3.0, 6.0, 20.0);
        assertThat(sink.lagSeconds).containsExactly(0.0, 2.0, 4.0, 0.0);
    }

    @Test
    void adaptTimeInvocationShiftsAllTripsSoTheFirstEndsNow() {
        replay(60, AdaptTime.INVOCATION, 0, 600).run();

        assertThat(sink.trips).extracting(TripEvent::dropoffMillis).containsExactly(TODAY, TODAY + 600_000);
        assertThat(sink.trips).extracting(TripEvent::pickupMillis).containsExactly(TODAY - 300_000, TODAY + 300_000);
        assertThat(sink.sourceMillis).containsExactly(START, START + 600_000);
        assertThat(sink.announced).containsExactly(TODAY + 600_000);
    }

    @Test
    void adaptTimeIngestionSetsEachDropoffToTheSendTime() {
        replay(60, AdaptTime.INGESTION, 0, 600).run();

        assertThat(sink.trips).extracting(TripEvent::dropoffMillis).containsExactly(TODAY, TODAY + 10_000);
        assertThat(sink.trips)
                .extracting(TripEvent::pickupMillis)
                .containsExactly(TODAY - 300_000, TODAY + 10_000 - 300_000);
        // a promise about the future would be a promise about the wall clock
        assertThat(sink.announced).containsExactly(TODAY);
    }

    @Test
    void eventTimeIsMonotonicEvenIfTheWallClockGoesBack() {
        clock.backwards = true;

        replay(60, AdaptTime.INGESTION, 0, 600, 1_200).run();

        assertThat(sink.trips).extracting(TripEvent::dropoffMillis).isSorted();
        assertThat(sink.announced).isSorted();
    }

    @Test
    void eachTripBelongsToOnePartAndOthersAdvance() {
        List<TripEvent> sent = new ArrayList<>();
        for (int index = 1; index <= 3; index++) {
            part = new Part(index, 3);
            sink.trips.clear();
            sink.announced.clear();
            Replay<TripEvent> replay =
                    replay(0, AdaptTime.ORIGINAL, LongStream.range(0, 300).toArray());

            replay.run();

            assertThat(replay.eventsOfOtherParts() + sink.trips.size()).isEqualTo(300);
            assertThat(sink.trips).extracting(TripEvent::dropoffMillis).isSorted();
            assertThat(sink.announced).hasSize(300 - sink.trips.size()).isSorted();
            assertThat(replay.eventTimeMillis()).isEqualTo(START + 299_000);
            sent.addAll(sink.trips);
        }

        assertThat(sent).hasSize(300).extracting(TripEvent::tripId).doesNotHaveDuplicates();
    }

    @Test
    void stoppedReplaySendsNothingMoreAndFinishes() {
        Replay<TripEvent> replay = replay(60, AdaptTime.ORIGINAL, 0, 60, 3_000, 3_060);
        clock.onSleep = () -> {
            if (clock.seconds() > 2) {
                replay.stop();
            }
        };

        replay.run();

        assertThat(sink.trips).hasSize(2);
        assertThat(sink.finished).isEqualTo("stopped");
        assertThat(clock.seconds()).isLessThan(2.2);
    }

    @Test
    void tripReadAfterTheStopIsNotSent() {
        var replays = new ArrayList<Replay<TripEvent>>();
        replays.add(new Replay<>(
                () -> {
                    replays.get(0).stop();
                    return new TripEvent(1, START, START, 40.7, -73.9, 40.6, -73.8, 1);
                },
                new TripForm(),
                sink,
                new Replay.Settings(0, AdaptTime.ORIGINAL, HOUR, Part.ONLY),
                clock,
                messages::add));

        replays.get(0).run();

        assertThat(sink.trips).isEmpty();
        assertThat(sink.finished).isEqualTo("stopped");
    }

    @Test
    void progressAndSummaryAccountForAllTrips() {
        Replay<TripEvent> replay = replay(60, AdaptTime.ORIGINAL, 0, 120);
        var progress = new Progress(new InputStatistics(), sink, replay, false, clock);

        replay.run();

        assertThat(progress.line())
                .isEqualTo("progress sent=2 rate=1 phase=sending event_time=2015-12-01T05:02:00Z"
                        + " watermark=1970-01-01T00:00:05Z lag=0.0"
                        + " in_flight=3 retried=4 rejected=0 late=0 nowhere=0");
        assertThat(progress.summary())
                .startsWith("summary read=0 sent=2 rejected=0 late=0 skipped=0 unsent=")
                .endsWith("nowhere=0 retried=4 objects=0 damaged_objects=0 event_time=2015-12-01T05:02:00Z"
                        + " watermark=1970-01-01T00:00:05Z wall=2.0 rate=1");
    }

    private Replay<TripEvent> replay(double speedup, AdaptTime adaptTime, long... seconds) {
        Iterator<TripEvent> trips = LongStream.of(seconds)
                .mapToObj(second -> new TripEvent(
                        second, START + (second - 300) * 1_000, START + second * 1_000, 40.7, -73.9, 40.6, -73.8, 1))
                .iterator();
        var replay = new Replay<>(
                () -> trips.hasNext() ? trips.next() : null,
                new TripForm(),
                sink,
                new Replay.Settings(speedup, adaptTime, HOUR, part),
                clock,
                messages::add);
        sink.replay = replay;
        return replay;
    }

    private static final class FakeClock implements TimeSource {

        private long nanos;
        private boolean backwards;
        private Runnable onSleep = () -> {};

        double seconds() {
            return nanos / 1e9;
        }

        @Override
        public long millis() {
            return TODAY + (backwards ? -1 : 1) * nanos / 1_000_000;
        }

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public void sleep(long sleepNanos) {
            nanos += sleepNanos;
            onSleep.run();
        }
    }

    private final class FakeSink implements EventSink<TripEvent> {

        private final List<TripEvent> trips = new ArrayList<>();
        private final List<Long> sourceMillis = new ArrayList<>();
        private final List<Double> sentAtSeconds = new ArrayList<>();
        private final List<Double> lagSeconds = new ArrayList<>();
        private final List<Long> announced = new ArrayList<>();
        private String finished = "no";
        private long secondsPerTrip;
        private Replay<TripEvent> replay;

        @Override
        public void advanceTo(long eventTimeMillis) {
            announced.add(eventTimeMillis);
        }

        @Override
        public void send(TripEvent trip, long sourceTimeMillis) {
            trips.add(trip);
            sourceMillis.add(sourceTimeMillis);
            sentAtSeconds.add(clock.seconds());
            lagSeconds.add(replay.lag().toMillis() / 1e3);
            clock.nanos += secondsPerTrip * 1_000_000_000L;
        }

        @Override
        public void finish(boolean complete) {
            finished = complete ? "complete" : "stopped";
        }

        @Override
        public SinkStatus status() {
            return new SinkStatus(trips.size(), 3, 4, 5_000);
        }

        @Override
        public void close() {
            // no resources
        }
    }
}
