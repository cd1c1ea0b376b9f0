package io.taxistream.eventtime.sender;

import io.taxistream.eventtime.MalformedWatermarkException;
import io.taxistream.eventtime.WatermarkRecord;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * A stream in memory, with shards that split and merge, that takes its time, answers in any order and fails on demand.
 * Nothing happens by itself: {@link #step} delivers what is due.
 */
final class FakeStream implements RecordSender, StreamClient, ShardReader {

    static final BigInteger HASH_KEYS = BigInteger.ONE.shiftLeft(128);

    /** A shard and what is in it, in order: {@link SampleEvent}s and {@link WatermarkRecord}s. */
    static final class FakeShard {
        final String id;
        final BigInteger start;
        final BigInteger end;
        final List<String> parents;
        final List<Object> records = new ArrayList<>();
        final List<Long> arrivalMillis = new ArrayList<>();
        boolean open = true;

        FakeShard(String id, List<String> parents, BigInteger start, BigInteger end) {
            this.id = id;
            this.parents = parents;
            this.start = start;
            this.end = end;
        }
    }

    private record Delayed(long dueNanos, Runnable action) {}

    private final FakeTime time;
    private final Random random;
    private final List<Delayed> delayed = new ArrayList<>();
    private final Queue<Long> callsInProgress = new PriorityQueue<>();
    final List<FakeShard> shards = new ArrayList<>();
    private final NavigableMap<BigInteger, FakeShard> openByStart = new TreeMap<>();

    /** How many of 100 calls fail. */
    int failurePercent;

    /** How long a call takes at most. */
    long maxDelayMillis = 20;

    /** How long a call takes at least. */
    long minDelayMillis;

    /** What every call fails with, if there is anything. */
    RuntimeException outage;

    /** The shard whose watermarks fail, if there is one. */
    String brokenShard;

    /** How many records one call takes. */
    int recordsPerCall = 1;

    /** How many calls that put watermarks or list shards are under way at once; the others wait. */
    int maxConcurrentCalls = Integer.MAX_VALUE;

    /** How many calls have put watermarks or listed shards, and how many of them have listed shards. */
    int calls;

    int listings;

    boolean permanent;

    /** How many calls have read from shards. */
    int reads;

    int flushes;

    /** What a thread of the sender dies of, if there is anything. */
    Error error;

    /** How often the sender of records was interrupted. */
    int interruptions;

    /** Whether records that are sent are forgotten, without a word to the receipt. */
    boolean losesReceipts;

    FakeStream(FakeTime time, Random random, int shardCount) {
        this.time = time;
        this.random = random;
        BigInteger width = HASH_KEYS.divide(BigInteger.valueOf(shardCount));
        for (int i = 0; i < shardCount; i++) {
            BigInteger start = width.multiply(BigInteger.valueOf(i));
            add(List.of(), start, i == shardCount - 1 ? HASH_KEYS : start.add(width));
        }
    }

    @Override
    public void send(String partitionKey, String hashKey, byte[] data, Receipt receipt) {
        if (losesReceipts) {
            return;
        }
        // the real hash is MD5; any will do
        BigInteger key =
                hashKey == null ? new BigInteger(128, new Random(partitionKey.hashCode())) : new BigInteger(hashKey);
        boolean fails = fails();
        boolean stored = !fails || random.nextInt(4) == 0;
        later(() -> {
            if (outage != null || permanent) {
                receipt.failed(outage == null ? "AccessDeniedException: no" : outage.getMessage(), 1, permanent);
                return;
            }
            if (stored) {
                KplDeaggregator.records(data).forEach(record -> append(shardOf(key), read(record)));
            }
            // the answer may get lost, or take longer than the record took
            later(() -> {
                if (fails) {
                    receipt.failed("ProvisionedThroughputExceededException: slow down", 2, false);
                } else {
                    receipt.acknowledged(0);
                }
            });
        });
    }

    @Override
    public List<CompletableFuture<String>> put(List<BigInteger> hashKeys, byte[] data) {
        List<CompletableFuture<String>> results = new ArrayList<>();
        for (int from = 0; from < hashKeys.size(); from += recordsPerCall) {
            List<Runnable> puts = new ArrayList<>();
            for (BigInteger hashKey : hashKeys.subList(from, Math.min(from + recordsPerCall, hashKeys.size()))) {
                var result = new CompletableFuture<String>();
                boolean fails = fails();
                puts.add(() -> put(hashKey, data, fails, result));
                results.add(result);
            }
            call(() -> puts.forEach(Runnable::run));
        }
        return results;
    }

    private void put(BigInteger hashKey, byte[] data, boolean fails, CompletableFuture<String> result) {
        FakeShard shard = shardOf(hashKey);
        if (outage != null) {
            result.completeExceptionally(outage);
        } else if (fails || shard.id.equals(brokenShard)) {
            result.completeExceptionally(new IllegalStateException("InternalFailure: try again"));
        } else {
            append(shard, read(data));
            result.complete(shard.id);
        }
    }

    @Override
    public CompletableFuture<List<OpenShard>> openShards() {
        var result = new CompletableFuture<List<OpenShard>>();
        boolean fails = fails();
        listings++;
        call(() -> {
            if (outage != null) {
                result.completeExceptionally(outage);
            } else if (fails) {
                result.completeExceptionally(new IllegalStateException("LimitExceededException: slow down"));
            } else {
                result.complete(open().stream()
                        .map(shard -> new OpenShard(shard.id, shard.start))
                        .toList());
            }
        });
        return result;
    }

    @Override
    public List<ReadableShard> shards() {
        failSometimes();
        return shards.stream()
                .map(shard -> new ReadableShard(shard.id, shard.parents, shard.open))
                .toList();
    }

    @Override
    public String iterator(String shardId, Instant from) {
        failSometimes();
        FakeShard shard = shard(shardId);
        int index = 0;
        while (from != null && index < shard.records.size() && shard.arrivalMillis.get(index) < from.toEpochMilli()) {
            index++;
        }
        return shardId + " " + index;
    }

    @Override
    public Page read(String iterator) {
        failSometimes();
        FakeShard shard = shard(iterator.substring(0, iterator.indexOf(' ')));
        int from = Integer.parseInt(iterator.substring(iterator.indexOf(' ') + 1));
        int to = Math.min(from + 10, shard.records.size());
        List<ArrivedRecord> page = new ArrayList<>();
        for (int i = from; i < to; i++) {
            Object record = shard.records.get(i);
            page.add(new ArrivedRecord(
                    Instant.ofEpochMilli(shard.arrivalMillis.get(i)),
                    record instanceof SampleEvent event ? event.bytes() : ((WatermarkRecord) record).toBytes()));
        }
        boolean end = to == shard.records.size();
        return new Page(page, end && !shard.open ? null : shard.id + " " + to, end);
    }

    /** The end of whoever uses the stream: some of what is on its way still arrives, and no answer is heard. */
    void kill() {
        List<Delayed> inFlight = List.copyOf(delayed);
        for (Delayed each : inFlight) {
            if (random.nextBoolean()) {
                each.action.run();
            }
        }
        delayed.clear();
    }

    @Override
    public void tick() {
        if (error != null) {
            throw error;
        }
        // sends at once
    }

    @Override
    public int interruptions() {
        return interruptions;
    }

    @Override
    public void flush() {
        flushes++;
    }

    @Override
    public void close() {
        delayed.clear();
    }

    /** Does all that is due by now. */
    void step() {
        List<Delayed> due = delayed.stream()
                .filter(each -> time.nanoTime() - each.dueNanos >= 0)
                .toList();
        delayed.removeAll(due);
        due.forEach(each -> each.action.run());
    }

    List<FakeShard> open() {
        return shards.stream().filter(shard -> shard.open).toList();
    }

    void split(FakeShard shard) {
        shard.open = false;
        BigInteger middle = shard.start.add(shard.end).shiftRight(1);
        add(List.of(shard.id), shard.start, middle);
        add(List.of(shard.id), middle, shard.end);
    }

    void merge(FakeShard first, FakeShard second) {
        first.open = false;
        second.open = false;
        openByStart.remove(first.start);
        openByStart.remove(second.start);
        add(List.of(first.id, second.id), first.start.min(second.start), first.end.max(second.end));
    }

    /** Splits or merges at random. */
    void reshard() {
        List<FakeShard> open = open();
        FakeShard shard = open.get(random.nextInt(open.size()));
        FakeShard neighbor = open.stream()
                .filter(other -> other.start.equals(shard.end))
                .findFirst()
                .orElse(null);
        if (neighbor == null || random.nextBoolean()) {
            split(shard);
        } else {
            merge(shard, neighbor);
        }
    }

    private void add(List<String> parents, BigInteger start, BigInteger end) {
        var shard = new FakeShard("shardId-%012d".formatted(shards.size()), parents, start, end);
        shards.add(shard);
        openByStart.put(start, shard);
    }

    /** Puts a record into a shard now. */
    void append(FakeShard shard, Object record) {
        shard.records.add(record);
        shard.arrivalMillis.add(time.millis());
    }

    private void failSometimes() {
        reads++;
        if (outage != null) {
            throw outage;
        }
        if (fails()) {
            throw new IllegalStateException("ProvisionedThroughputExceededException: slow down");
        }
    }

    private FakeShard shard(String id) {
        return shards.stream().filter(shard -> shard.id.equals(id)).findFirst().orElseThrow();
    }

    private FakeShard shardOf(BigInteger hashKey) {
        return openByStart.floorEntry(hashKey).getValue();
    }

    private boolean fails() {
        return random.nextInt(100) < failurePercent;
    }

    private void later(Runnable action) {
        delayed.add(new Delayed(time.nanoTime() + delayNanos(), action));
    }

    /** Does something when a call that begins as soon as one is free has taken its time. */
    private void call(Runnable action) {
        calls++;
        callsInProgress.removeIf(end -> time.nanoTime() - end >= 0);
        long start = callsInProgress.size() < maxConcurrentCalls ? time.nanoTime() : callsInProgress.remove();
        long end = start + delayNanos();
        callsInProgress.add(end);
        delayed.add(new Delayed(end, action));
    }

    private long delayNanos() {
        return (long) ((minDelayMillis + random.nextDouble() * (maxDelayMillis - minDelayMillis)) * 1e6);
    }

    private static Object read(byte[] data) {
        if (!WatermarkRecord.isWatermark(data, 0, data.length)) {
            return SampleEvent.read(data);
        }
        try {
            return WatermarkRecord.parse(data);
        } catch (MalformedWatermarkException e) {
            throw new AssertionError(e);
        }
    }
}
