package io.taxistream.eventtime.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.PartWatermarks;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.eventtime.sender.FakeStream.FakeShard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EventSenderTest {

    private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(60);
    private static final int MAX_IN_FLIGHT = 64;

    private final FakeTime time = new FakeTime();

    @Property(tries = 150)
    void everyEventArrivesBeforeItsWatermarkDespiteFailuresAndReshards(
            @ForAll long seed,
            @ForAll @IntRange(max = 40) int failurePercent,
            @ForAll boolean reshards,
            @ForAll boolean aggregated) {
        var random = new Random(seed);
        var stream = new FakeStream(time, random, 1 + random.nextInt(5));
        stream.failurePercent = failurePercent;
        stream.maxDelayMillis = 1L + random.nextInt(400);
        EventSender sender = sender(stream, Part.ONLY, true, aggregated);
        List<SampleEvent> events = events(random, 300);
        long last = events.get(events.size() - 1).timeMillis();
        time.onSleep(() -> {
            stream.step();
            sender.upkeep();
            // nobody has to reach what opens when all is done
            if (reshards && sender.statistics().watermarkMillis() < last && random.nextInt(400) == 0) {
                stream.reshard();
            }
        });

        for (SampleEvent event : events) {
            if (random.nextInt(20) == 0) {
                sender.advanceTo(event.timeMillis());
                time.sleep(random.nextInt(200) * 1_000_000L);
            }
            send(sender, event);
        }
        sender.advanceTo(last + 1);
        sender.flush();

        assertThat(eventsIn(stream)).containsExactlyInAnyOrderElementsOf(new HashSet<>(events));
        for (FakeShard shard : stream.shards) {
            assertThatWatermarksHoldIn(shard);
        }
        assertThat(stream.open()).allSatisfy(shard -> assertThat(shard.records).endsWith(WatermarkRecord.of(last)));
        assertThat(sender.statistics().sent()).isEqualTo(events.size());
        assertThat(sender.statistics().inFlight()).isZero();
        assertThat(sender.statistics().watermarkMillis()).isEqualTo(last);
    }

    @Property(tries = 100)
    void killedSenderResumesWithNothingMissingOrLate(
            @ForAll long seed,
            @ForAll @IntRange(max = 40) int failurePercent,
            @ForAll boolean reshards,
            @ForAll boolean aggregated) {
        var random = new Random(seed);
        var stream = new FakeStream(time, random, 1 + random.nextInt(5));
        stream.failurePercent = failurePercent;
        stream.maxDelayMillis = 1L + random.nextInt(400);
        List<SampleEvent> events = events(random, 300);
        long resumeAfter = Long.MIN_VALUE;
        for (int life = 0; life < 3; life++) {
            EventSender sender = sender(stream, Part.ONLY, true, aggregated);
            time.onSleep(() -> {
                stream.step();
                sender.upkeep();
                if (reshards && random.nextInt(400) == 0) {
                    stream.reshard();
                }
            });
            int sendAtMost = life < 2 ? random.nextInt(300) : events.size();
            for (SampleEvent event : events) {
                if (event.timeMillis() > resumeAfter && sendAtMost-- > 0) {
                    send(sender, event);
                    time.sleep(random.nextInt(100) * 1_000_000L);
                }
            }
            if (life == 2) {
                sender.flush();
                break;
            }
            stream.kill();
            time.onSleep(() -> {});
            time.sleep(random.nextInt(600) * 1_000_000_000L);
            if (reshards) {
                stream.reshard();
            }
            resumeAfter = lastWatermark(stream).orElse(Long.MIN_VALUE);
        }

        assertThat(eventsIn(stream)).containsExactlyInAnyOrderElementsOf(new HashSet<>(events));
        for (FakeShard shard : stream.shards) {
            assertThatWatermarksHoldIn(shard);
        }
    }

    /** A search that meets too many failures gives up, and says so; it is started again once the stream answers. */
    private OptionalLong lastWatermark(FakeStream stream) {
        try {
            return sender(stream, Part.ONLY, true, false).resume();
        } catch (SenderFailedException e) {
            assertThat(e).hasMessageContaining("were not found within 5 minutes");
            int failurePercent = stream.failurePercent;
            stream.failurePercent = 0;
            try {
                return sender(stream, Part.ONLY, true, false).resume();
            } finally {
                stream.failurePercent = failurePercent;
            }
        }
    }

    /** One starts later than the other, one is killed and resumed, each ends. */
    @Property(tries = 100)
    void watermarksOfTwoPartsHoldInEveryShard(
            @ForAll long seed, @ForAll @IntRange(max = 30) int failurePercent, @ForAll boolean reshards) {
        var random = new Random(seed);
        var stream = new FakeStream(time, random, 1 + random.nextInt(4));
        stream.failurePercent = failurePercent;
        stream.maxDelayMillis = 1L + random.nextInt(300);
        List<SampleEvent> events = events(random, 300);
        List<PartReplay> replays = new ArrayList<>();
        for (int index = 1; index <= 2; index++) {
            Part part = new Part(index, 2);
            replays.add(new PartReplay(
                    part, events.stream().filter(event -> part.owns(event.id())).toList(), stream));
        }
        time.onSleep(() -> {
            stream.step();
            replays.forEach(PartReplay::upkeep);
            if (reshards && random.nextInt(300) == 0) {
                stream.reshard();
            }
        });

        int startsLater = random.nextInt(2);
        int killed = random.nextInt(2);
        for (int step = 0; replays.stream().anyMatch(replay -> !replay.isDone()); step++) {
            PartReplay replay = replays.get(random.nextInt(2));
            if (step < 80 && replay == replays.get(startsLater)) {
                continue;
            }
            replay.sendNext();
            time.sleep(random.nextInt(50) * 1_000_000L);
            if (step == 200) {
                replays.get(killed).killAndResume();
            }
        }
        time.onSleep(() -> {
            stream.step();
            replays.forEach(PartReplay::upkeep);
        });
        replays.forEach(PartReplay::end);

        assertThat(eventsIn(stream)).containsExactlyInAnyOrderElementsOf(new HashSet<>(events));
        Map<String, PartWatermarks> known = new HashMap<>();
        Set<SampleEvent> seen = new HashSet<>();
        for (FakeShard shard : stream.shards) {
            known.put(shard.id, assertThatWatermarksHoldIn(shard, known, seen));
        }
        long last = events.get(events.size() - 1).timeMillis();
        assertThat(stream.open())
                .allSatisfy(shard ->
                        assertThat(known.get(shard.id).watermarkMillis()).isEqualTo(last));
    }

    @Test
    void lastWatermarkAllowsEventsOfTheSameTime() {
        var stream = new FakeStream(time, new Random(1), 2);
        EventSender sender = running(stream, true);

        send(sender, event("a", 5_000));
        sender.flush();

        assertThat(stream.open()).allSatisfy(shard -> assertThat(shard.records).endsWith(WatermarkRecord.of(4_999)));
    }

    @Test
    void resumingSendsTheLastWatermarkToTheShardsThatTheInterruptedSenderDidNotReach() {
        var stream = new FakeStream(time, new Random(1), 2);
        stream.append(stream.open().get(0), WatermarkRecord.of(4_999));
        EventSender sender = running(stream, true);

        assertThat(sender.resume()).hasValue(4_999);
        sender.flush();

        assertThat(stream.open()).allSatisfy(shard -> assertThat(shard.records).endsWith(WatermarkRecord.of(4_999)));
    }

    @Test
    void endWithoutEventsCarriesTheLastWatermarkOfThePart() {
        var part = new Part(1, 2);
        var stream = new FakeStream(time, new Random(1), 2);
        stream.append(stream.open().get(0), new WatermarkRecord(4_999, part, false));
        EventSender sender = sender(stream, part, true, false);
        run(stream, sender);

        sender.end();

        assertThat(stream.open())
                .allSatisfy(shard -> assertThat(shard.records).endsWith(new WatermarkRecord(4_999, part, true)));
    }

    @Test
    void endOfAPartThatHasSentNothingHoldsNobodyBack() {
        var part = new Part(2, 2);
        var stream = new FakeStream(time, new Random(1), 2);
        EventSender sender = sender(stream, part, true, false);
        run(stream, sender);

        sender.end();

        assertThat(stream.open())
                .allSatisfy(shard -> assertThat(shard.records)
                        .containsExactly(new WatermarkRecord(WatermarkRecord.MIN_MILLIS, part, true)));
    }

    @Test
    void eventsMayArriveInAnyOrderAfterThePromisedTime() {
        var stream = new FakeStream(time, new Random(1), 1);
        EventSender sender = running(stream, true);

        sender.advanceTo(1_000);
        sender.send(event("a", 5_000).bytes(), 5_000, "a");
        sender.send(event("b", 1_000).bytes(), 1_000, "b");
        sender.flush();

        assertThat(stream.open().get(0).records)
                .contains(event("a", 5_000), event("b", 1_000))
                .endsWith(WatermarkRecord.of(999))
                .doesNotContain(WatermarkRecord.of(4_999));
        assertThatThrownBy(() -> sender.send(event("c", 999).bytes(), 999, "c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is before 1000");
    }

    @Test
    void endFollowsAllEvents() {
        var stream = new FakeStream(time, new Random(1), 3);
        Part part = new Part(2, 4);
        EventSender sender = sender(stream, part, true, false);
        run(stream, sender);

        send(sender, event("a", 5_000));
        sender.advanceTo(6_000);
        sender.end();

        assertThat(stream.open())
                .allSatisfy(shard -> assertThat(shard.records).endsWith(new WatermarkRecord(5_999, part, true)));
        assertThatThrownBy(() -> send(sender, event("b", 7_000))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void endWithoutEventsHasTheMinimumWatermark() {
        var stream = new FakeStream(time, new Random(1), 2);
        Part part = new Part(1, 2);
        EventSender sender = sender(stream, part, true, false);
        run(stream, sender);

        sender.end();

        assertThat(stream.open())
                .allSatisfy(shard -> assertThat(shard.records)
                        .containsExactly(new WatermarkRecord(WatermarkRecord.MIN_MILLIS, part, true)));
    }

    @Test
    void sendsOnlyEventsWithoutWatermarks() {
        var stream = new FakeStream(time, new Random(1), 2);
        EventSender sender = running(stream, false);

        send(sender, event("a", 5_000));
        sender.flush();

        assertThat(stream.open()).flatExtracting(shard -> shard.records).containsExactly(event("a", 5_000));
    }

    @Test
    void sendsNoWatermarkWithoutEvents() {
        var stream = new FakeStream(time, new Random(1), 2);
        EventSender sender = running(stream, true);

        sender.flush();

        assertThat(stream.open()).allSatisfy(shard -> assertThat(shard.records).isEmpty());
    }

    @Test
    void sendBlocksWhileTooManyEventsAreInFlight() {
        var stream = new FakeStream(time, new Random(1), 2);
        stream.maxDelayMillis = 1_000;
        EventSender sender = running(stream, true);

        for (int i = 0; i < 1_000; i++) {
            send(sender, event("e" + i, i));
            assertThat(sender.statistics().inFlight()).isLessThanOrEqualTo(MAX_IN_FLIGHT);
        }
    }

    @Test
    void survivesHalfAMinuteOfThrottling() {
        var stream = new FakeStream(time, new Random(1), 2);
        EventSender sender = running(stream, true);
        stream.outage = new IllegalStateException("ProvisionedThroughputExceededException: slow down");
        long end = time.nanoTime() + Duration.ofSeconds(30).toNanos();
        time.onSleep(() -> {
            if (time.nanoTime() - end >= 0) {
                stream.outage = null;
            }
            stream.step();
            sender.upkeep();
        });

        for (int i = 0; i < 200; i++) {
            send(sender, event("e" + i, i));
        }
        sender.flush();

        assertThat(eventsIn(stream)).hasSize(200);
        assertThat(sender.statistics().retried()).isPositive();
    }

    @Test
    void resendsEventsWhoseReceiptsWereLost() {
        var stream = new FakeStream(time, new Random(1), 2);
        EventSender sender = running(stream, true);
        stream.losesReceipts = true;
        send(sender, event("a", 1_000));
        time.sleep(Duration.ofSeconds(20).toNanos());
        stream.losesReceipts = false;
        assertThat(eventsIn(stream)).isEmpty();

        stream.interruptions = 1;
        sender.flush();

        assertThat(eventsIn(stream)).containsExactly(event("a", 1_000));
    }

    @Test
    void failsWhenTheStreamAcceptsNothing() {
        var stream = new FakeStream(time, new Random(1), 2);
        EventSender sender = running(stream, false);
        send(sender, event("a", 1_000));
        sender.flush();
        stream.outage = new IllegalStateException("InternalFailure: out of order");
        send(sender, event("b", 2_000));

        assertThatThrownBy(sender::flush)
                .isInstanceOf(SenderFailedException.class)
                .hasMessage("stream readings has accepted no event for 60 s (InternalFailure: out of order)");
        assertThat(sender.statistics().sent() - sender.statistics().inFlight()).isEqualTo(1);
    }

    @Test
    void suspensionDoesNotCountAsFailure() {
        var stream = new FakeStream(time, new Random(1), 2);
        EventSender sender = running(stream, true);
        stream.minDelayMillis = 100;
        stream.maxDelayMillis = 200;
        send(sender, event("a", 1_000));

        // one step, in which nothing runs
        time.sleep(Duration.ofHours(1).toNanos());
        sender.flush();

        assertThat(eventsIn(stream)).containsExactly(event("a", 1_000));
    }

    @Test
    void missingPermissionFailsImmediately() {
        var stream = new FakeStream(time, new Random(1), 2);
        stream.permanent = true;
        EventSender sender = running(stream, true);
        send(sender, event("a", 1_000));
        long start = time.nanoTime();

        assertThatThrownBy(sender::flush)
                .isInstanceOf(SenderFailedException.class)
                .hasMessageStartingWith("stream readings rejects events: AccessDeniedException");
        assertThat(Duration.ofNanos(time.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void failsWhenWatermarksDoNotReachAllShards() {
        var stream = new FakeStream(time, new Random(1), 2);
        stream.brokenShard = stream.open().get(1).id;
        EventSender sender = running(stream, true);
        send(sender, event("a", 1_000));

        assertThatThrownBy(sender::flush)
                .isInstanceOf(SenderFailedException.class)
                .hasMessage("watermarks have not reached all shards of stream readings for 60 s"
                        + " (InternalFailure: try again)");
    }

    @Test
    void errorInABackgroundThreadIsThrownBySend() {
        var stream = new FakeStream(time, new Random(1), 2);
        stream.error = new OutOfMemoryError("Java heap space");
        EventSender sender = running(stream, true);
        sender.upkeep();

        assertThatThrownBy(() -> send(sender, event("a", 1_000)))
                .isInstanceOf(SenderFailedException.class)
                .hasMessageContaining("OutOfMemoryError: Java heap space");
    }

    @Test
    void unreportedErrorIsThrownByClose() {
        var stream = new FakeStream(time, new Random(1), 2);
        stream.permanent = true;
        EventSender sender = running(stream, true);
        send(sender, event("a", 1_000));

        assertThatThrownBy(sender::close).isInstanceOf(SenderFailedException.class);
    }

    @Test
    void reportedFailureIsNotThrownAgain() {
        var stream = new FakeStream(time, new Random(1), 2);
        stream.permanent = true;

        assertThatThrownBy(() -> {
                    try (EventSender sender = running(stream, true)) {
                        send(sender, event("a", 1_000));
                        sender.flush();
                    }
                })
                .isInstanceOf(SenderFailedException.class)
                .hasNoSuppressedExceptions();
    }

    @Test
    void closeWaitsForEventsInFlight() {
        var stream = new FakeStream(time, new Random(1), 2);
        EventSender sender = running(stream, true);

        send(sender, event("a", 1_000));
        sender.close();

        assertThat(eventsIn(stream)).containsExactly(event("a", 1_000));
    }

    @Test
    void aggregatedEventsHaveNoExplicitHashKey() {
        var stream = new FakeStream(time, new Random(1), 2);
        EventSender sender = sender(stream, Part.ONLY, true, true);

        assertThatThrownBy(() -> sender.send(new byte[1], 1_000, "a", "7"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Sends the events of a part in their order, each after a promise; is killed and resumed as a process would be. */
    private final class PartReplay {

        private final Part part;
        private final List<SampleEvent> events;
        private final FakeStream stream;
        private EventSender sender;
        private int next;

        PartReplay(Part part, List<SampleEvent> events, FakeStream stream) {
            this.part = part;
            this.events = events;
            this.stream = stream;
            this.sender = sender(stream, part, true, false);
        }

        void upkeep() {
            sender.upkeep();
        }

        boolean isDone() {
            return next == events.size();
        }

        void sendNext() {
            if (!isDone()) {
                send(sender, events.get(next++));
            }
        }

        void killAndResume() {
            // What is on its way may arrive later; nobody hears of it.
            sender = sender(stream, part, true, false);
            long resumeAfter = sender.resume().orElse(Long.MIN_VALUE);
            next = 0;
            while (!isDone() && events.get(next).timeMillis() <= resumeAfter) {
                next++;
            }
        }

        void end() {
            sender.advanceTo(
                    events.isEmpty() ? 0 : events.get(events.size() - 1).timeMillis() + 1);
            sender.end();
        }
    }

    private EventSender running(FakeStream stream, boolean watermarks) {
        EventSender sender = sender(stream, Part.ONLY, watermarks, false);
        run(stream, sender);
        return sender;
    }

    private EventSender sender(FakeStream stream, Part part, boolean watermarks, boolean aggregated) {
        var settings = new EventSender.Settings("readings", part, watermarks, aggregated, MAX_IN_FLIGHT, GIVE_UP_AFTER);
        RecordSender records = aggregated ? new AggregatingSender(stream, time) : stream;
        return new EventSender(records, stream, stream, settings, time);
    }

    private void run(FakeStream stream, EventSender sender) {
        time.onSleep(() -> {
            stream.step();
            sender.upkeep();
        });
    }

    private static void send(EventSender sender, SampleEvent event) {
        sender.advanceTo(event.timeMillis());
        sender.send(event.bytes(), event.timeMillis(), event.id());
    }

    private static void assertThatWatermarksHoldIn(FakeShard shard) {
        PartWatermarks heard = PartWatermarks.NONE;
        for (Object record : shard.records) {
            if (record instanceof WatermarkRecord watermark) {
                assertThat(watermark.watermarkMillis()).isGreaterThanOrEqualTo(heard.watermarkMillis());
                heard = heard.with(watermark.part(), watermark.watermarkMillis(), watermark.ended());
            } else {
                assertThatIsNotLate((SampleEvent) record, heard);
            }
        }
    }

    /**
     * Reads a shard after its parents.
     *
     * @param known of the shards before
     * @param seen events of the shards before: what a killed sender has sent may come late, if it has come before
     */
    private static PartWatermarks assertThatWatermarksHoldIn(
            FakeShard shard, Map<String, PartWatermarks> known, Set<SampleEvent> seen) {
        PartWatermarks heard =
                PartWatermarks.ofChild(shard.parents.stream().map(known::get).toList());
        for (Object record : shard.records) {
            if (record instanceof WatermarkRecord watermark) {
                heard = heard.with(watermark.part(), watermark.watermarkMillis(), watermark.ended());
            } else if (seen.add((SampleEvent) record)) {
                assertThatIsNotLate((SampleEvent) record, heard);
            }
        }
        return heard;
    }

    private static void assertThatIsNotLate(SampleEvent event, PartWatermarks heard) {
        assertThat(event.timeMillis()).as("event after watermark %s", heard).isGreaterThan(heard.watermarkMillis());
    }

    private static Set<SampleEvent> eventsIn(FakeStream stream) {
        Set<SampleEvent> events = new HashSet<>();
        for (FakeShard shard : stream.shards) {
            for (Object record : shard.records) {
                if (record instanceof SampleEvent event) {
                    events.add(event);
                }
            }
        }
        return events;
    }

    private static List<SampleEvent> events(Random random, int count) {
        List<SampleEvent> events = new ArrayList<>();
        long eventTime = 1_449_014_400_000L;
        for (int i = 0; i < count; i++) {
            eventTime += random.nextInt(3) * 500L;
            events.add(event("e" + i, eventTime));
        }
        return events;
    }

    private static SampleEvent event(String id, long timeMillis) {
        return new SampleEvent(id, timeMillis);
    }
}
