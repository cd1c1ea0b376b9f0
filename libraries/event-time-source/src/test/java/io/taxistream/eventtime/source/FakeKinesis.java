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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

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

    /** By name. */
    private final Map<String, FakeConsumer> consumers = new LinkedHashMap<>();

    private final List<FakeSubscription> subscriptions = new ArrayList<>();
    private final List<String> subscribed = new ArrayList<>();
    private int lookupsUntilActive;

    private static final ScheduledExecutorService PUSHES = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "fake-kinesis-pushes");
        thread.setDaemon(true);
        return thread;
    });

    private static final class FakeConsumer {
        final String arn;
        int lookupsUntilActive;

        FakeConsumer(String arn, int lookupsUntilActive) {
            this.arn = arn;
            this.lookupsUntilActive = lookupsUntilActive;
        }

        StreamConsumer describe() {
            return new StreamConsumer(arn, lookupsUntilActive-- <= 0);
        }
    }

    enum Operation {
        DESCRIBE,
        LIST,
        ITERATOR,
        READ,
        CONSUMER,
        REGISTER,
        SUBSCRIBE,
        EVENT
    }

    /** A record with its number and when it arrived. */
    private record Arrived(long sequenceNumber, ByteBuffer data, Instant time) {}

    private static final class FakeShard {
        final ShardInfo info;
        final List<Arrived> records = new ArrayList<>();
        boolean closed;
        boolean stalled;
        boolean silent;

        /** What subscribers were told to continue after, which need not be the number of a record. */
        final Set<Long> continuations = new HashSet<>();

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
    synchronized boolean areNeighbors(String lowerId, String upperId) {
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

    /** Lets readers ask anew for where to read on: they need new iterators and subscriptions. */
    synchronized void expireIterators() {
        iteratorGeneration++;
        endSubscriptions();
    }

    /** Ends all subscriptions, as five minutes do. */
    synchronized void endSubscriptions() {
        List.copyOf(subscriptions).forEach(subscription -> subscription.endWith(null));
    }

    /** Ends all subscriptions with an error in the stream of events. */
    synchronized void failSubscriptions(Kind kind) {
        List.copyOf(subscriptions)
                .forEach(subscription -> subscription.endWith(
                        new KinesisProxyException(kind, "the subscription fails as planned", null)));
    }

    /** Lets the next consumers that are registered be active only when they were looked for so often. */
    synchronized void activateAfter(int lookups) {
        lookupsUntilActive = lookups;
    }

    /** Names of the registered consumers. */
    synchronized List<String> consumers() {
        return List.copyOf(consumers.keySet());
    }

    synchronized void removeConsumer(String name) {
        consumers.remove(name);
    }

    /** The shards and positions that were subscribed to, in order. */
    synchronized List<String> subscribed() {
        return List.copyOf(subscribed);
    }

    synchronized int openSubscriptions() {
        return subscriptions.size();
    }

    /** A time after that of every record so far, and not after that of any to come. */
    Instant tick() {
        Instant before = Instant.now();
        await().pollInterval(Duration.ofMillis(1)).until(() -> Instant.now().isAfter(before));
        return Instant.now();
    }

    // faults

    /** Lets a shard give nothing until it is told otherwise. */
    synchronized void stall(String shardId, boolean stalled) {
        shards.get(shardId).stalled = stalled;
    }

    /** Lets a shard send nothing at all to its subscribers, not even events without records. */
    synchronized void silence(String shardId, boolean silent) {
        shards.get(shardId).silent = silent;
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
        return iterator(shardId, first(shard(shardId), position));
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
                page.stream().map(FakeKinesis::kinesisRecord).toList(),
                atEnd ? null : iterator(parts[0], next),
                unread.size() - page.size());
    }

    @Override
    public synchronized Optional<StreamConsumer> consumer(String name) throws KinesisProxyException {
        begin(Operation.CONSUMER);
        return Optional.ofNullable(consumers.get(name)).map(FakeConsumer::describe);
    }

    @Override
    public synchronized StreamConsumer registerConsumer(String name) throws KinesisProxyException {
        begin(Operation.REGISTER);
        if (consumers.containsKey(name)) {
            throw new KinesisProxyException(Kind.IN_USE, "consumer " + name + " exists", null);
        }
        FakeConsumer consumer = new FakeConsumer("arn:fake:" + name + ":" + nextSequenceNumber++, lookupsUntilActive);
        consumers.put(name, consumer);
        return new StreamConsumer(consumer.arn, false);
    }

    @Override
    public synchronized void deregisterConsumer(String consumerArn) {
        consumers.values().removeIf(consumer -> consumer.arn.equals(consumerArn));
    }

    @Override
    public synchronized ShardSubscription subscribe(
            String consumerArn, String shardId, ShardPosition position, ShardSubscription.Subscriber subscriber) {
        subscribed.add(shardId + " " + position);
        FakeSubscription subscription = new FakeSubscription(shardId, subscriber);
        try {
            begin(Operation.SUBSCRIBE);
            if (consumers.values().stream().noneMatch(consumer -> consumer.arn.equals(consumerArn))) {
                throw new KinesisProxyException(Kind.NOT_FOUND, "consumer " + consumerArn + " does not exist", null);
            }
            subscription.from = first(shard(shardId), position);
            for (FakeSubscription other : List.copyOf(subscriptions)) {
                if (other.shardId.equals(shardId)) {
                    other.endWith(new KinesisProxyException(Kind.IN_USE, "another has subscribed", null));
                }
            }
            subscriptions.add(subscription);
            PUSHES.execute(subscription::push);
        } catch (KinesisProxyException e) {
            PUSHES.execute(() -> subscriber.failed(e));
        }
        return subscription;
    }

    /** Sends an event for each that is asked for, also without records. */
    private final class FakeSubscription implements ShardSubscription {

        private static final int MAX_RECORDS = 40;
        private static final int MILLIS = 5;

        private final String shardId;
        private final Subscriber subscriber;
        private long from;
        private int requested;

        FakeSubscription(String shardId, Subscriber subscriber) {
            this.shardId = shardId;
            this.subscriber = subscriber;
        }

        @Override
        public void request() {
            synchronized (FakeKinesis.this) {
                requested++;
            }
        }

        @Override
        public void cancel() {
            synchronized (FakeKinesis.this) {
                subscriptions.remove(this);
            }
        }

        void endWith(@Nullable KinesisProxyException e) {
            if (subscriptions.remove(this)) {
                PUSHES.execute(e == null ? subscriber::ended : () -> subscriber.failed(e));
            }
        }

        @SuppressWarnings("FutureReturnValueIgnored") // ends with the subscription
        void push() {
            synchronized (FakeKinesis.this) {
                if (!subscriptions.contains(this)) {
                    return;
                }
                try {
                    FakeShard shard = shard(shardId);
                    if (requested > 0 && !shard.silent) {
                        begin(Operation.EVENT);
                        requested--;
                        reads++;
                        subscriber.event(next(shard));
                    }
                    PUSHES.schedule(this::push, MILLIS, TimeUnit.MILLISECONDS);
                } catch (KinesisProxyException e) {
                    endWith(e);
                }
            }
        }

        private String continuation(FakeShard shard) {
            long passed = Math.max(0, from - 1);
            shard.continuations.add(passed);
            return Long.toString(passed);
        }

        private Event next(FakeShard shard) {
            if (shard.stalled) {
                return new Event(List.of(), continuation(shard), shard.records.size(), List.of());
            }
            List<Arrived> unread = shard.records.stream()
                    .filter(record -> record.sequenceNumber() >= from)
                    .toList();
            List<Arrived> sent = unread.subList(0, Math.min(MAX_RECORDS, unread.size()));
            from = sent.size() == unread.size()
                    ? nextSequenceNumber
                    : sent.get(sent.size() - 1).sequenceNumber() + 1;
            boolean atEnd = shard.closed && sent.size() == unread.size();
            return new Event(
                    sent.stream().map(FakeKinesis::kinesisRecord).toList(),
                    atEnd ? null : continuation(shard),
                    unread.size() - sent.size(),
                    atEnd ? childrenOf(shardId) : List.of());
        }
    }

    private List<String> childrenOf(String shardId) {
        return shards.values().stream()
                .map(shard -> shard.info)
                .filter(info -> info.parentIds().contains(shardId))
                .map(ShardInfo::shardId)
                .toList();
    }

    private static KinesisRecord kinesisRecord(Arrived record) {
        return new KinesisRecord(Long.toString(record.sequenceNumber()), record.data(), "key", record.time());
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

    private static long first(FakeShard shard, ShardPosition position) throws KinesisProxyException {
        long from = 0;
        if (position instanceof ShardPosition.AfterRecord after) {
            from = existing(shard, after.sequenceNumber()) + 1;
        } else if (position instanceof ShardPosition.InsideRecord inside) {
            from = existing(shard, inside.sequenceNumber());
        } else if (position instanceof ShardPosition.AtTimestamp at) {
            from = firstAt(shard, record -> !record.time().isBefore(at.timestamp()));
        }
        return from;
    }

    private static long existing(FakeShard shard, String sequenceNumber) throws KinesisProxyException {
        long number = Long.parseLong(sequenceNumber);
        if (!shard.continuations.contains(number)
                && shard.records.stream().noneMatch(record -> record.sequenceNumber() == number)) {
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
