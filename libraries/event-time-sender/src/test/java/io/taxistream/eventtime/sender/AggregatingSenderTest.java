package io.taxistream.eventtime.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import software.amazon.kinesis.producer.protobuf.Messages.AggregatedRecord;
import software.amazon.kinesis.producer.protobuf.Messages.Record;

class AggregatingSenderTest {

    private static final BigInteger HASH_KEYS = BigInteger.ONE.shiftLeft(128);

    // compared by nobody
    @SuppressWarnings("ArrayRecordComponent")
    private record Sent(String partitionKey, String hashKey, byte[] data, RecordSender.Receipt receipt) {}

    private final List<Sent> sent = new ArrayList<>();
    private final FakeTime time = new FakeTime();
    private int flushes;
    private int ticks;

    private final AggregatingSender sender = new AggregatingSender(
            new RecordSender() {
                @Override
                public void send(String partitionKey, String hashKey, byte[] data, Receipt receipt) {
                    sent.add(new Sent(partitionKey, hashKey, data, receipt));
                }

                @Override
                public void tick() {
                    ticks++;
                }

                @Override
                public void flush() {
                    flushes++;
                }

                @Override
                public int interruptions() {
                    return 0;
                }

                @Override
                public void close() {
                    // holds nothing
                }
            },
            time);

    private final List<String> acknowledged = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();

    @Property
    void aggregatesEachRecordOnceInOrder(@ForAll @Size(max = 60) List<@IntRange(max = 20_000) Integer> lengths) {
        sent.clear();
        List<String> records = new ArrayList<>();
        for (int length : lengths) {
            records.add(records.size() + " " + "x".repeat(length));
        }

        int flushesBefore = flushes;
        records.forEach(this::send);
        sender.flush();

        assertThat(sent)
                .flatExtracting(pack -> KplDeaggregator.records(pack.data()))
                .extracting(record -> new String(record, StandardCharsets.UTF_8))
                .containsExactlyElementsOf(records);
        assertThat(sent.stream().map(pack -> pack.data().length))
                .as("lengths of packs, two records in each but the last at least")
                .allSatisfy(length -> assertThat(length).isLessThanOrEqualTo(AggregatingSender.MAX_BYTES))
                .hasSizeLessThanOrEqualTo(records.size() / 2 + 1);
        assertThat(flushes).isEqualTo(flushesBefore + 1);
    }

    @Test
    void userRecordsHaveTheKeysOfTheirAggregate() {
        send("a");
        send("b");
        sender.flush();

        Sent pack = sent.get(0);
        AggregatedRecord aggregate = KplDeaggregator.aggregate(pack.data());
        assertThat(aggregate.getPartitionKeyTableList())
                .containsExactly("key a")
                .containsExactly(pack.partitionKey());
        assertThat(aggregate.getExplicitHashKeyTableList()).containsExactly(pack.hashKey());
        assertThat(aggregate.getRecordsList())
                .hasSize(2)
                .allSatisfy(record -> assertThat(record.hasExplicitHashKeyIndex())
                        .as("says that the hash key is not that of the partition key")
                        .isTrue())
                .extracting(Record::getPartitionKeyIndex, Record::getExplicitHashKeyIndex)
                .containsOnly(tuple(0L, 0L));
    }

    @Test
    void recordWaitsForOthersForABoundedTime() {
        send("a");
        sender.tick();
        assertThat(sent).isEmpty();

        time.sleep(AggregatingSender.MAX_WAIT.minus(Duration.ofMillis(1)).toNanos());
        send("b");
        sender.tick();
        assertThat(sent).isEmpty();

        time.sleep(Duration.ofMillis(1).toNanos());
        sender.tick();
        assertThat(sent)
                .singleElement()
                .satisfies(
                        pack -> assertThat(KplDeaggregator.records(pack.data())).hasSize(2));

        time.sleep(Duration.ofMinutes(1).toNanos());
        sender.tick();
        assertThat(sent).hasSize(1);
        assertThat(ticks).isEqualTo(4);
    }

    @Test
    void singleRecordIsNotAggregated() {
        send("a");
        sender.flush();

        assertThat(sent).singleElement().satisfies(record -> {
            assertThat(KplDeaggregator.isAggregate(record.data())).isFalse();
            assertThat(record.data()).isEqualTo("a".getBytes(StandardCharsets.UTF_8));
        });
    }

    @Test
    void outcomeOfAnAggregateAppliesToItsRecords() {
        send("a");
        send("b");
        sender.flush();
        send("c");
        send("d");
        sender.flush();

        sent.get(1).receipt().acknowledged(2);
        sent.get(0).receipt().failed("Expired", 3, true);

        assertThat(acknowledged).containsExactly("c 2", "d 2");
        assertThat(failed).containsExactly("a Expired 3 true", "b Expired 3 true");
    }

    @Property
    void spreadsAggregatesEvenlyOverShards(
            @ForAll @IntRange(min = 1, max = 40) int shards, @ForAll @IntRange(max = 400) int packs) {
        sent.clear();
        for (int i = 0; i < packs; i++) {
            send("a");
            sender.flush();
        }

        Map<Integer, Integer> perShard = new HashMap<>();
        for (Sent pack : sent) {
            BigInteger shard = new BigInteger(pack.hashKey())
                    .multiply(BigInteger.valueOf(shards))
                    .divide(HASH_KEYS);
            perShard.merge(shard.intValueExact(), 1, Integer::sum);
        }
        assertThat(IntStream.range(0, shards).map(shard -> perShard.getOrDefault(shard, 0)))
                .allSatisfy(count ->
                        assertThat((double) count).isBetween((double) packs / shards - 4, (double) packs / shards + 4));
        if (Integer.bitCount(shards) == 1) {
            assertThat(IntStream.range(0, shards).map(shard -> perShard.getOrDefault(shard, 0)))
                    .allSatisfy(count -> assertThat(count).isBetween(packs / shards, packs / shards + 1));
        }
    }

    private void send(String record) {
        sender.send(
                "key " + record.charAt(0), null, record.getBytes(StandardCharsets.UTF_8), new RecordSender.Receipt() {
                    @Override
                    public void acknowledged(int failedAttempts) {
                        acknowledged.add(record + " " + failedAttempts);
                    }

                    @Override
                    public void failed(String reason, int failedAttempts, boolean permanent) {
                        failed.add(record + " " + reason + " " + failedAttempts + " " + permanent);
                    }
                });
    }
}
