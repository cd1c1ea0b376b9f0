package io.taxistream.eventtime.source;

import static org.awaitility.Awaitility.await;

import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * One stream in memory, with shards that split, merge, close and expire, and with faults on demand. Found by its name, so
 * that the parts of a job can share it.
 */
final class FakeKinesis implements KinesisProxy {

    static final BigInteger HASH_KEYS = BigInteger.ONE.shiftLeft(128);

    private static final Map<String, FakeKinesis> STREAMS = new ConcurrentHashMap<>();

    private final Map<String, FakeShard> shards = new LinkedHashMap<>();
    private final Map<Operation, Queue<Kind>> plannedFaults = new EnumMap<>(Operation.class);
    private Instant created = Instant.parse("2026-01-01T00:00:00Z");
    private boolean deleted;
    private long nextSequenceNumber = 1;
    private int iteratorGeneration;
    private double faultRate;
    private Random random = new Random(0);
    private int reads;

    enum Operation {
        DESCRIBE,
        LIST,
        ITERATOR,
        READ
    }

    /** A record with its number and when it arrived. */
    private record Arrived(long sequenceNumber, ByteBuffer data, Instant time) {}

    private static final class FakeShard {
        final ShardInfo info;
        final List<Arrived> records = new ArrayList<>();
        boolean closed;
        boolean stalled;

        FakeShard(ShardInfo info) {
            this.info = info;
        }
    }

    /** Finds the stream again wherever a job needs it. */
    record Factory(String name) implements KinesisProxy.Factory {

        @Override
        public KinesisProxy create() {
            FakeKinesis stream = STREAMS.get(name);
            if (stream == null) {
                throw new IllegalStateException("no stream " + name);
            }
            return stream;
        }
    }

    static FakeKinesis create(String name, int shards) {
        FakeKinesis stream = new FakeKinesis(shards);
        STREAMS.put(name, stream);
        return stream;
    }

    static void remove(String name) {
        STREAMS.remove(name);
    }

    FakeKinesis(int count) {
        for (int i = 0; i < count; i++) {
            addShard(List.of(), hashKey(i, count), hashKey(i + 1, count).subtract(BigInteger.ONE));
        }
    }

    // what producers and operators of a stream do

    /** Writes a record to the open shard of its hash key, and returns the shard's id. */
    synchronized String put(BigInteger hashKey, byte[] data) {
        return put(hashKey, data, Instant.now());
    }

    synchronized String put(BigInteger hashKey, byte[] data, Instant time) {
        FakeShard shard = openShards().stream()
                .filter(open -> open.info.startingHashKey().compareTo(hashKey) <= 0
                        && open.info.endingHashKey().compareTo(hashKey) >= 0)
                .findFirst()
                .orElseThrow();
        shard.records.add(new Arrived(nextSequenceNumber++, ByteBuffer.wrap(data), time));
        return shard.info.shardId();
    }

    /** Writes a record to a shard. */
    synchronized void putTo(String shardId, byte[] data) {
        shards.get(shardId).records.add(new Arrived(nextSequenceNumber++, ByteBuffer.wrap(data), Instant.now()));
    }

    /** Writes a record to every open shard. */
    synchronized void putToAll(byte[] data) {
        openShards()
                .forEach(shard ->
                        shard.records.add(new Arrived(nextSequenceNumber++, ByteBuffer.wrap(data), Instant.now())));
    }

    /** Splits an open shard in two halves. */
    synchronized void split(String shardId) {
        FakeShard parent = shards.get(shardId);
        parent.closed = true;
        BigInteger middle =
                parent.info.startingHashKey().add(parent.info.endingHashKey()).shiftRight(1);
        addShard(List.of(shardId), parent.info.startingHashKey(), middle);
        addShard(List.of(shardId), middle.add(BigInteger.ONE), parent.info.endingHashKey());
    }

    /** Merges two neighbouring open shards. */
    synchronized void merge(String lowerId, String upperId) {
        FakeShard lower = shards.get(lowerId);
        FakeShard upper = shards.get(upperId);
        lower.closed = true;
        upper.closed = true;
        addShard(List.of(lowerId, upperId), lower.info.startingHashKey(), upper.info.endingHashKey());
    }

    /** Whether one shard ends where the other begins. */
    synchronized boolean areNeighbours(String lowerId, String upperId) {
        return shards.get(lowerId)
                .info
                .endingHashKey()
                .add(BigInteger.ONE)
                .equals(shards.get(upperId).info.startingHashKey());
    }

    /** Splits and merges until there are so many open shards. */
    synchronized void updateShardCount(int target) {
        while (openShards().size() < target) {
            split(openShards().stream()
                    .max(Comparator.comparing(
                            shard -> shard.info.endingHashKey().subtract(shard.info.startingHashKey())))
                    .orElseThrow()
                    .info
                    .shardId());
        }
        while (openShards().size() > target) {
            List<String> open = openShardIds();
            merge(open.get(0), open.get(1));
        }
    }

    /** Ids of the open shards in the order of their hash keys. */
    synchronized List<String> openShardIds() {
        return openShards().stream().map(shard -> shard.info.shardId()).toList();
    }

    /** Removes a closed shard and its records, as the end of the retention does. */
    synchronized void expire(String shardId) {
        if (!shards.get(shardId).closed) {
            throw new IllegalStateException(shardId + " is open");
        }
        shards.remove(shardId);
    }

    synchronized void delete() {
        deleted = true;
    }

    /** Deletes the stream and creates it again with as many shards as at first. */
    synchronized void recreate(int count) {
        shards.clear();
        nextSequenceNumber += 1_000_000;
        created = created.plusSeconds(3600);
        for (int i = 0; i < count; i++) {
            addShard(List.of(), hashKey(i, count), hashKey(i + 1, count).subtract(BigInteger.ONE));
        }
    }

    synchronized void expireIterators() {
        iteratorGeneration++;
    }

    // faults

    /** Lets a shard give nothing until it is told otherwise. */
    synchronized void stall(String shardId, boolean stalled) {
        shards.get(shardId).stalled = stalled;
    }

    /** Lets the next call of an operation fail. */
    synchronized void failNext(Operation operation, Kind kind) {
        plannedFaults.computeIfAbsent(operation, o -> new ArrayDeque<>()).add(kind);
    }

    /** Lets this share of all calls fail, throttled, temporarily or with an expired iterator. */
    synchronized void failAtRandom(double rate, long seed) {
        faultRate = rate;
        random = new Random(seed);
    }

    /** Waits until the stream was read so many times in all. */
    void awaitReads(int count) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> reads() >= count);
    }

    synchronized int reads() {
        return reads;
    }

    // what the source calls

    @Override
    public String streamName() {
        return "fake";
    }

    @Override
    public synchronized Instant streamCreated() throws KinesisProxyException {
        begin(Operation.DESCRIBE);
        return created;
    }

    @Override
    public synchronized List<ShardInfo> listShards(Instant openSince) throws KinesisProxyException {
        begin(Operation.LIST);
        return shards.values().stream().map(shard -> shard.info).toList();
    }

    @Override
    public synchronized String shardIterator(String shardId, ShardPosition position) throws KinesisProxyException {
        begin(Operation.ITERATOR);
        FakeShard shard = shard(shardId);
        long from = 0;
        if (position instanceof ShardPosition.AfterRecord after) {
            from = existing(shard, after.sequenceNumber()) + 1;
        } else if (position instanceof ShardPosition.InsideRecord inside) {
            from = existing(shard, inside.sequenceNumber());
        } else if (position instanceof ShardPosition.AtTimestamp at) {
            from = firstAt(shard, record -> !record.time().isBefore(at.timestamp()));
        }
        return iterator(shardId, from);
    }

    @Override
    public synchronized Page records(String shardIterator, int maxRecords) throws KinesisProxyException {
        reads++;
        begin(Operation.READ);
        String[] parts = shardIterator.split("/", -1);
        FakeShard shard = shard(parts[0]);
        long from = Long.parseLong(parts[1]);
        if (Integer.parseInt(parts[2]) != iteratorGeneration) {
            throw new KinesisProxyException(Kind.ITERATOR_EXPIRED, "iterator expired", null);
        }
        if (shard.stalled) {
            return new Page(List.of(), shardIterator, shard.records.size());
        }
        List<Arrived> unread = shard.records.stream()
                .filter(record -> record.sequenceNumber() >= from)
                .toList();
        List<Arrived> page = unread.subList(0, Math.min(maxRecords, unread.size()));
        long next = page.isEmpty() ? from : page.get(page.size() - 1).sequenceNumber() + 1;
        boolean atEnd = shard.closed && page.size() == unread.size();
        return new Page(
                page.stream()
                        .map(record -> new KinesisRecord(
                                Long.toString(record.sequenceNumber()), record.data(), "key", record.time()))
                        .toList(),
                atEnd ? null : iterator(parts[0], next),
                unread.size() - page.size());
    }

    @Override
    public void close() {
        // the stream outlives those who read it
    }

    private void begin(Operation operation) throws KinesisProxyException {
        if (deleted) {
            throw new KinesisProxyException(Kind.NOT_FOUND, "the stream does not exist", null);
        }
        Queue<Kind> planned = plannedFaults.get(operation);
        if (planned != null && !planned.isEmpty()) {
            Kind kind = planned.remove();
            throw new KinesisProxyException(kind, operation + " fails as planned: " + kind, null);
        }
        if (random.nextDouble() < faultRate) {
            Kind kind = List.of(Kind.THROTTLED, Kind.TEMPORARY, Kind.ITERATOR_EXPIRED)
                    .get(random.nextInt(3));
            throw new KinesisProxyException(kind, operation + " fails at random: " + kind, null);
        }
    }

    private FakeShard shard(String shardId) throws KinesisProxyException {
        FakeShard shard = shards.get(shardId);
        if (shard == null) {
            throw new KinesisProxyException(Kind.NOT_FOUND, "shard " + shardId + " does not exist", null);
        }
        return shard;
    }

    private static long existing(FakeShard shard, String sequenceNumber) throws KinesisProxyException {
        long number = Long.parseLong(sequenceNumber);
        if (shard.records.stream().noneMatch(record -> record.sequenceNumber() == number)) {
            throw new KinesisProxyException(Kind.INVALID_ARGUMENT, "no sequence number " + sequenceNumber, null);
        }
        return number;
    }

    private static long firstAt(FakeShard shard, Predicate<Arrived> condition) {
        return shard.records.stream()
                .filter(condition)
                .mapToLong(Arrived::sequenceNumber)
                .findFirst()
                .orElse(
                        shard.records.isEmpty()
                                ? 0
                                : shard.records.get(shard.records.size() - 1).sequenceNumber() + 1);
    }

    private String iterator(String shardId, long from) {
        return shardId + "/" + from + "/" + iteratorGeneration;
    }

    private List<FakeShard> openShards() {
        return shards.values().stream()
                .filter(shard -> !shard.closed)
                .sorted(Comparator.comparing(shard -> shard.info.startingHashKey()))
                .toList();
    }

    private int shardsEver;

    private void addShard(List<String> parents, BigInteger start, BigInteger end) {
        String shardId = String.format("shardId-%012d", shardsEver++);
        shards.put(shardId, new FakeShard(new ShardInfo(shardId, parents, start, end)));
    }

    /** The first hash key of part {@code i} of {@code n}. */
    static BigInteger hashKey(int i, int n) {
        return HASH_KEYS.multiply(BigInteger.valueOf(i)).divide(BigInteger.valueOf(n));
    }
}
