package io.taxistream.eventtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Up to four parts send into a stream whose shards split and merge; watermarks reach some shards sooner than others, some records
 * are stored twice. Whoever reads it in whatever order, parents first, sees no event at or below the event time reached
 * before, and event time gets to the end.
 */
class SeveralPartsSimulationTest {

    private static final int KEYS = 64;
    private static final int STEPS = 300;
    private static final int MAX_OPEN_SHARDS = 8;

    private record SentEvent(int part, long time) {}

    private static final class Shard {
        final int low;
        final int high;
        final List<Shard> parents;

        /** {@link SentEvent}s and {@link WatermarkRecord}s. */
        final List<Object> records = new ArrayList<>();

        boolean open = true;

        Shard(List<Shard> parents, int low, int high) {
            this.parents = parents;
            this.low = low;
            this.high = high;
        }
    }

    private static final class Sender {
        final Part part;
        final List<Long> times = new ArrayList<>();
        final double speed;

        /** Times of the events in flight, and the keys that they are sent with. */
        final List<long[]> inFlight = new ArrayList<>();

        final Map<Shard, Long> watermarks = new HashMap<>();
        int next;

        Sender(Part part, Random random) {
            this.part = part;
            this.speed = random.nextDouble();
            long time = 0;
            int count = 5 + random.nextInt(21);
            for (int i = 0; i < count; i++) {
                time += random.nextInt(5);
                times.add(time);
            }
        }

        long last() {
            return times.get(times.size() - 1);
        }

        long watermark() {
            long toCome = next < times.size() ? times.get(next) : last() + 1;
            return Math.min(
                            toCome,
                            inFlight.stream().mapToLong(event -> event[0]).min().orElse(toCome))
                    - 1;
        }
    }

    private final List<Shard> shards = new ArrayList<>();
    private List<Sender> senders;
    private Random random;

    @Property(tries = 2_000)
    void nothingIsLateAndTheWatermarkReachesTheEnd(@ForAll long seed) {
        random = new Random(seed);
        shards.clear();
        shards.add(new Shard(List.of(), 0, KEYS));
        int parts = 1 + random.nextInt(4);
        senders = new ArrayList<>();
        for (int index = 1; index <= parts; index++) {
            senders.add(new Sender(new Part(index, parts), random));
        }

        for (int step = 0; step < STEPS; step++) {
            double what = random.nextDouble();
            if (what < 0.02) {
                split();
            } else if (what < 0.04) {
                merge();
            } else {
                send(senders.get(random.nextInt(parts)));
            }
        }
        senders.forEach(this::finish);

        read();
    }

    private List<Shard> open() {
        return shards.stream().filter(shard -> shard.open).toList();
    }

    private void split() {
        Shard shard = open().get(random.nextInt(open().size()));
        if (open().size() < MAX_OPEN_SHARDS && shard.high - shard.low >= 2) {
            int middle = shard.low + 1 + random.nextInt(shard.high - shard.low - 1);
            shard.open = false;
            shards.add(new Shard(List.of(shard), shard.low, middle));
            shards.add(new Shard(List.of(shard), middle, shard.high));
        }
    }

    private void merge() {
        List<Shard> ordered = open().stream()
                .sorted(Comparator.comparingInt(shard -> shard.low))
                .toList();
        if (ordered.size() > 1) {
            int left = random.nextInt(ordered.size() - 1);
            Shard first = ordered.get(left);
            Shard second = ordered.get(left + 1);
            first.open = false;
            second.open = false;
            shards.add(new Shard(List.of(first, second), first.low, second.high));
        }
    }

    private void send(Sender sender) {
        if (random.nextDouble() > 0.2 + sender.speed) {
            return;
        }
        double what = random.nextDouble();
        if (what < 0.4 && sender.next < sender.times.size()) {
            sender.inFlight.add(new long[] {sender.times.get(sender.next++), random.nextInt(KEYS)});
        } else if (what < 0.7 && !sender.inFlight.isEmpty()) {
            int which = random.nextInt(sender.inFlight.size());
            store(sender, sender.inFlight.get(which));
            boolean acknowledged = random.nextInt(10) > 0;
            if (acknowledged) {
                sender.inFlight.remove(which);
            }
        } else {
            long watermark = sender.watermark();
            boolean ended = sender.next == sender.times.size() && sender.inFlight.isEmpty();
            for (Shard shard : open()) {
                if (random.nextDouble() < 0.6 && sender.watermarks.getOrDefault(shard, Long.MIN_VALUE) < watermark) {
                    shard.records.add(new WatermarkRecord(watermark, sender.part, ended));
                    sender.watermarks.put(shard, watermark);
                }
            }
        }
    }

    private void store(Sender sender, long[] event) {
        Shard owner = open().stream()
                .filter(shard -> shard.low <= event[1] && event[1] < shard.high)
                .findFirst()
                .orElseThrow();
        owner.records.add(new SentEvent(sender.part.index(), event[0]));
    }

    private void finish(Sender sender) {
        while (sender.next < sender.times.size()) {
            sender.inFlight.add(new long[] {sender.times.get(sender.next++), random.nextInt(KEYS)});
        }
        sender.inFlight.forEach(event -> store(sender, event));
        open().forEach(shard -> shard.records.add(new WatermarkRecord(sender.last(), sender.part, true)));
    }

    private void read() {
        Map<Shard, PartWatermarks> known = new LinkedHashMap<>();
        Map<Shard, Integer> positions = new HashMap<>();
        Set<Shard> finished = new HashSet<>();
        Set<SentEvent> seen = new HashSet<>();
        long reached = PartWatermarks.NO_WATERMARK;
        known.put(shards.get(0), PartWatermarks.NONE);
        while (true) {
            long now = known.keySet().stream()
                    .filter(shard ->
                            !finished.contains(shard) || childrenOf(shard).anyMatch(child -> !known.containsKey(child)))
                    .mapToLong(shard -> known.get(shard).watermarkMillis())
                    .min()
                    .orElseThrow();
            assertThat(now).isGreaterThanOrEqualTo(reached);
            reached = now;
            List<Shard> waiting = shards.stream()
                    .filter(shard -> !known.containsKey(shard) && finished.containsAll(shard.parents))
                    .toList();
            List<Shard> readable = known.keySet().stream()
                    .filter(shard -> !finished.contains(shard))
                    .filter(shard -> !shard.open || positions.getOrDefault(shard, 0) < shard.records.size())
                    .toList();
            if (!waiting.isEmpty() && (readable.isEmpty() || random.nextBoolean())) {
                Shard child = waiting.get(random.nextInt(waiting.size()));
                known.put(
                        child,
                        PartWatermarks.ofChild(
                                child.parents.stream().map(known::get).toList()));
            } else if (readable.isEmpty()) {
                break;
            } else {
                Shard shard = readable.get(random.nextInt(readable.size()));
                int position = positions.merge(shard, 1, Integer::sum) - 1;
                if (position == shard.records.size()) {
                    finished.add(shard);
                } else if (shard.records.get(position) instanceof SentEvent event) {
                    if (seen.add(event)) {
                        assertThat(event.time()).isGreaterThan(reached);
                    }
                } else {
                    WatermarkRecord heard = (WatermarkRecord) shard.records.get(position);
                    known.compute(
                            shard, (each, before) -> before.with(heard.part(), heard.watermarkMillis(), heard.ended()));
                }
            }
        }
        assertThat(seen)
                .hasSize(senders.stream()
                        .mapToInt(sender -> new HashSet<>(sender.times).size())
                        .sum());
        assertThat(reached)
                .isEqualTo(senders.stream().mapToLong(Sender::last).max().orElseThrow());
    }

    private Stream<Shard> childrenOf(Shard shard) {
        return shards.stream().filter(child -> child.parents.contains(shard));
    }
}
