package io.taxistream.embeddedkinesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.embeddedkinesis.EmbeddedStream.Status;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Laws that hold whatever is split, merged, recounted and written in between, and however far a change has got. */
class ReshardingTest {

    private static final SegmentStore STORE = TestStores.unlimited();

    private static final int KEYS = 40;
    private static final long DELAY_MILLIS = 1_000;

    @Property(tries = 300)
    void openShardsPartitionTheKeySpaceAndNoRecordIsLost(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int shardCount) {
        History history = new History(seed, shardCount);

        for (int step = 0; step < 25; step++) {
            history.randomStep();
            history.assertOpenShardsAreAPartition();
            history.assertChildrenFollowTheirParents();
        }

        history.assertEveryRecordIsReadOnceInOrderOfItsKey();
    }

    @Property(tries = 300)
    void updateShardCountReachesTheTarget(
            @ForAll @IntRange(min = 1, max = 64) int from, @ForAll @IntRange(min = 1, max = 64) int to) {
        EmbeddedStream stream = stream(from, Duration.ZERO, 0);

        stream.changeImmediately(() -> stream.scaleTo(to, 1), 1);

        assertThat(stream.view(1).status()).isEqualTo(Status.ACTIVE);
        assertThat(ranges(stream, 1)).isEqualTo(HashKeyRange.uniform(to));
    }

    private static EmbeddedStream stream(int shardCount, Duration delay, long nowMillis) {
        EmbeddedStream stream = new EmbeddedStream("s", 1, "arn", shardCount, delay, STORE, nowMillis);
        stream.finishChange(nowMillis);
        return stream;
    }

    private static List<HashKeyRange> ranges(EmbeddedStream stream, long nowMillis) {
        return stream.view(nowMillis).openShards().stream()
                .map(EmbeddedShard::range)
                .sorted()
                .toList();
    }

    /** One random life of a stream, and what was written to it. */
    private static final class History {

        private final Random random;
        private final EmbeddedStream stream;
        private final Map<Integer, List<String>> writtenByKey = new HashMap<>();
        private long nowMillis = 1_000;
        private int written;

        History(long seed, int shardCount) {
            random = new Random(seed);
            stream = stream(shardCount, Duration.ofMillis(DELAY_MILLIS), nowMillis);
        }

        void randomStep() {
            switch (random.nextInt(6)) {
                case 0 -> split();
                case 1 -> merge();
                case 2 -> scale();
                case 3 -> nowMillis += random.nextInt((int) (2 * DELAY_MILLIS));
                default -> write(random.nextInt(30));
            }
        }

        private boolean isActive() {
            return stream.view(nowMillis).status() == Status.ACTIVE;
        }

        private void split() {
            List<EmbeddedShard> open = stream.view(nowMillis).openShards();
            EmbeddedShard shard = open.get(random.nextInt(open.size()));
            HashKeyRange range = shard.range();
            BigInteger size = range.end().subtract(range.start());
            if (isActive() && size.bitLength() > 16) {
                BigInteger offset = new BigInteger(size.bitLength() + 8, random)
                        .mod(size.subtract(BigInteger.valueOf(3)))
                        .add(BigInteger.TWO);
                stream.split(shard.id(), range.start().add(offset), nowMillis);
            }
        }

        private void merge() {
            List<EmbeddedShard> open = stream.view(nowMillis).openShards().stream()
                    .sorted(Comparator.comparing(EmbeddedShard::range))
                    .toList();
            if (isActive() && open.size() > 1) {
                int index = random.nextInt(open.size() - 1);
                boolean upperFirst = random.nextBoolean();
                stream.merge(
                        open.get(upperFirst ? index + 1 : index).id(),
                        open.get(upperFirst ? index : index + 1).id(),
                        nowMillis);
            }
        }

        private void scale() {
            if (isActive()) {
                stream.scaleTo(1 + random.nextInt(12), nowMillis);
            }
        }

        private void write(int records) {
            for (int i = 0; i < records; i++) {
                int key = random.nextInt(KEYS);
                BigInteger hashKey =
                        HashKeyRange.uniform(KEYS).get(key).start().add(new BigInteger(100, new Random(key)));
                String text = key + " " + written++;
                stream.withShardOf(hashKey, nowMillis, shard -> {
                    assertThat(shard.range().contains(hashKey)).isTrue();
                    return shard.append(
                            stream.positions(),
                            nowMillis,
                            Integer.toString(key).getBytes(StandardCharsets.UTF_8),
                            text.getBytes(StandardCharsets.UTF_8));
                });
                writtenByKey.computeIfAbsent(key, unused -> new ArrayList<>()).add(text);
            }
        }

        void assertOpenShardsAreAPartition() {
            BigInteger next = BigInteger.ZERO;
            for (HashKeyRange range : ranges(stream, nowMillis)) {
                assertThat(range.start()).isEqualTo(next);
                next = range.end().add(BigInteger.ONE);
            }
            assertThat(next).isEqualTo(HashKeyRange.SPACE_SIZE);
        }

        void assertChildrenFollowTheirParents() {
            Map<String, EmbeddedShard> byId = new HashMap<>();
            for (EmbeddedShard shard : stream.view(nowMillis).shards()) {
                byId.put(shard.id(), shard);
                for (String parentId : shard.parents()) {
                    EmbeddedShard parent = byId.get(parentId);
                    assertThat(parent.children()).contains(shard);
                    assertThat(new BigInteger(shard.startingSequenceNumber()))
                            .isGreaterThan(
                                    new BigInteger(parent.endingSequenceNumber().orElseThrow()));
                }
            }
        }

        void assertEveryRecordIsReadOnceInOrderOfItsKey() {
            Map<Integer, List<String>> readByKey = new HashMap<>();
            Set<String> finished = new HashSet<>();
            Deque<EmbeddedShard> toRead = new ArrayDeque<>(stream.view(nowMillis).shards().stream()
                    .filter(shard -> shard.parents().isEmpty())
                    .toList());
            while (!toRead.isEmpty()) {
                EmbeddedShard shard = toRead.remove();
                readShard(shard, readByKey);
                finished.add(shard.id());
                new LinkedHashSet<>(shard.children())
                        .stream()
                                .filter(child -> finished.containsAll(child.parents()))
                                .forEach(toRead::add);
            }
            assertThat(finished).hasSize(stream.view(nowMillis).shards().size());
            assertThat(readByKey).isEqualTo(writtenByKey);
        }

        private void readShard(EmbeddedShard shard, Map<Integer, List<String>> readByKey) {
            BigInteger[] last = {new BigInteger(shard.startingSequenceNumber())};
            long position = shard.startPosition();
            EmbeddedShard.Read read;
            do {
                read = shard.read(position, 1 + random.nextInt(5), 1 + random.nextInt(50));
                read.records().forEach((RecordLog.Entry entry) -> {
                    BigInteger number = new BigInteger(shard.sequenceNumberAt(entry.position()));
                    assertThat(number).isGreaterThan(last[0]);
                    last[0] = number;
                    readByKey
                            .computeIfAbsent(Integer.valueOf(entry.partitionKey()), unused -> new ArrayList<>())
                            .add(new String(entry.data(), StandardCharsets.UTF_8));
                });
                position = read.nextPosition();
                read.close();
            } while (!read.records().reachesEnd());
            assertThat(read.isEnd()).isNotEqualTo(shard.isOpen());
            shard.endingSequenceNumber()
                    .ifPresent(ending -> assertThat(new BigInteger(ending)).isGreaterThan(last[0]));
        }
    }
}
