package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.eventtime.PartWatermarks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.InstantiationUtil;

/**
 * The enumerator itself, on a clock that goes on in steps, with readers that read whatever the stream holds at once and
 * report as the real ones do. It counts calls, messages and their bytes, and checks after each step what must always hold.
 */
final class SimulatedCoordinator {

    static final Duration STEP = Duration.ofMillis(10);

    private static final Duration WATERMARK_INTERVAL = Duration.ofMillis(100);
    private static final Duration CALL = Duration.ofMillis(30);
    private static final int SHARDS_PER_PAGE = 1_000;

    /** How much later every other reader comes to the end of a shard, so that parents of one child end apart. */
    private static final Duration LATE_END = Duration.ofMillis(1_500);

    private final FakeKinesis kinesis;
    private final SimulatedClock clock = new SimulatedClock();
    private final ShardEnumerator enumerator;
    private final List<Reader> readers = new ArrayList<>();
    private final Map<Integer, ReaderInfo> registered = new HashMap<>();
    private final Queue<Due> calls = new PriorityQueue<>((a, b) -> Long.compare(a.dueMillis(), b.dueMillis()));

    /** Shards by id with the last watermark in each; a closed one keeps it. */
    private final Map<String, ShardInfo> shards = new LinkedHashMap<>();

    private final Map<String, Long> written = new HashMap<>();
    private final Map<String, Long> closedMillis = new HashMap<>();
    private final Set<String> open = new LinkedHashSet<>();
    private final Set<String> finished = new LinkedHashSet<>();
    private final Set<String> assigned = new LinkedHashSet<>();
    private volatile Runnable tick;

    final Counts counts = new Counts();

    /** What went between enumerator and readers, and what was asked of Kinesis. */
    static final class Counts {
        long reports;
        long limits;
        long limitBytes;
        int greatestLimitBytes;
        long finishes;
        long assignments;
        long enumeratorCpuNanos;

        /** Listings by the second in which they began; each describes the stream once. */
        final Map<Long, Integer> listingsPerSecond = new TreeMap<>();

        int pages;

        @Override
        public String toString() {
            return String.format(
                    "%d listings in %d pages, at most %d a second; %d reports, %d limits of %.0f bytes, at most %d;"
                            + " %d ends; %d assignments; %.0f CPU ms of the enumerator",
                    listingsPerSecond.values().stream()
                            .mapToInt(Integer::intValue)
                            .sum(),
                    pages,
                    maxListingsPerSecond(),
                    reports,
                    limits,
                    (double) limitBytes / limits,
                    greatestLimitBytes,
                    finishes,
                    assignments,
                    enumeratorCpuNanos / 1e6);
        }

        int maxListingsPerSecond() {
            return listingsPerSecond.isEmpty() ? 0 : Collections.max(listingsPerSecond.values());
        }
    }

    private record Due(long dueMillis, Runnable action) {}

    private static final class SimulatedClock extends Clock {
        private long millis = 1_700_000_000_000L;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis);
        }
    }

    /** What a reader holds: its shards, and how far it has read and said that it has read. */
    private static final class Reader {
        final int index;
        final Map<String, Long> read = new LinkedHashMap<>();
        final Map<String, Long> reported = new HashMap<>();
        long limitMillis = Long.MIN_VALUE;

        Reader(int index) {
            this.index = index;
        }
    }

    SimulatedCoordinator(FakeKinesis kinesis, int parallelism) {
        this.kinesis = kinesis;
        ReadOptions options = ReadOptionsBuilder.withDefaults()
                .watermarkInterval(WATERMARK_INTERVAL)
                .maxReadAhead(Duration.ofHours(3))
                .build();
        enumerator = new ShardEnumerator(
                new Context(parallelism),
                kinesis,
                options,
                clock,
                new Random(1),
                new EnumeratorState(
                        new ShardPosition.TrimHorizon(), EnumeratorState.UNKNOWN, EnumeratorState.UNKNOWN, List.of()));
        enumerator.start();
        for (int i = 0; i < parallelism; i++) {
            Reader reader = new Reader(i);
            readers.add(reader);
            registered.put(i, new ReaderInfo(i, "here"));
        }
        observeStream();
    }

    boolean isTicking() {
        return tick != null;
    }

    void startReaders() {
        for (Reader reader : readers) {
            toEnumerator(reader, new ShardReport(true, List.of(), EnumeratorState.UNKNOWN));
        }
    }

    void checkpoint(long id) {
        byEnumerator(() -> enumerator.snapshotState(id));
    }

    void abortCheckpoint(long id) {
        byEnumerator(() -> enumerator.notifyCheckpointAborted(id));
    }

    void reportThatReadersContinue(long checkpointId) {
        readers.forEach(reader ->
                byEnumerator(() -> enumerator.handleSourceEvent(reader.index, new ReaderContinued(checkpointId))));
    }

    /** Lets time go on; every open shard has a new watermark each quarter of a second. */
    void run(Duration duration) {
        long end = clock.millis + duration.toMillis();
        while (clock.millis < end) {
            clock.millis += STEP.toMillis();
            long limitsBefore = counts.limits;
            if (clock.millis % 250 < STEP.toMillis()) {
                open.forEach(shard -> written.put(shard, clock.millis));
            }
            while (!calls.isEmpty() && calls.peek().dueMillis() <= clock.millis) {
                byEnumerator(calls.remove().action());
            }
            if (clock.millis % WATERMARK_INTERVAL.toMillis() < STEP.toMillis()) {
                byEnumerator(tick);
            }
            readers.forEach(this::readAndReport);
            // what has been read only goes forward, so that a limit that was right stays right
            if (counts.limits > limitsBefore) {
                check();
            }
        }
    }

    /** Takes note of a reshard. */
    void observeStream() {
        Set<String> closed = new LinkedHashSet<>(open);
        open.clear();
        open.addAll(kinesis.openShardIds());
        closed.removeAll(open);
        closed.forEach(shard -> closedMillis.put(shard, clock.millis));
        try {
            for (ShardInfo info : kinesis.listShards(null)) {
                if (shards.putIfAbsent(info.shardId(), info) == null) {
                    long inherited = info.parentIds().stream()
                            .mapToLong(written::get)
                            .min()
                            .orElse(Long.MIN_VALUE);
                    written.put(info.shardId(), inherited);
                }
            }
        } catch (KinesisProxyException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Size of the enumerator's part of a checkpoint. */
    int stateBytes() {
        try {
            int bytes = new EnumeratorStateSerializer().serialize(enumerator.snapshotState(1)).length;
            reportThatReadersContinue(1);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void checkEverythingRead() {
        assertThat(assigned).isEqualTo(shards.keySet());
        Set<String> closed = new LinkedHashSet<>(shards.keySet());
        closed.removeAll(open);
        assertThat(finished).isEqualTo(closed);
        assertThat(readers)
                .allSatisfy(reader -> assertThat(clock.millis - reader.limitMillis)
                        .as("how far the limit is behind")
                        .isLessThan(1_000));
    }

    void close() {
        enumerator.close();
    }

    private void readAndReport(Reader reader) {
        // each at a time of its own, as subtasks do not start together
        boolean due = (clock.millis + reader.index * STEP.toMillis()) % WATERMARK_INTERVAL.toMillis() < STEP.toMillis();
        List<ShardProgress> changed = new ArrayList<>();
        List<String> ended = new ArrayList<>();
        for (Map.Entry<String, Long> shard : reader.read.entrySet()) {
            if (finished.contains(shard.getKey())) {
                continue;
            }
            shard.setValue(Math.max(shard.getValue(), written.get(shard.getKey())));
            if (!open.contains(shard.getKey())
                    && clock.millis - closedMillis.get(shard.getKey()) >= reader.index % 2 * LATE_END.toMillis()) {
                ended.add(shard.getKey());
            } else if (due && !shard.getValue().equals(reader.reported.put(shard.getKey(), shard.getValue()))) {
                changed.add(progress(shard.getKey(), shard.getValue(), false));
            }
        }
        for (String shard : ended) {
            // the end of a shard is told at once
            finished.add(shard);
            toEnumerator(reader, report(List.of(progress(shard, reader.read.get(shard), true))));
        }
        if (!changed.isEmpty()) {
            toEnumerator(reader, report(changed));
        }
    }

    private static ShardReport report(List<ShardProgress> changed) {
        return new ShardReport(false, changed, EnumeratorState.UNKNOWN);
    }

    private static ShardProgress progress(String shard, long watermarkMillis, boolean finished) {
        return new ShardProgress(shard, PartWatermarks.ofOnlyPart(watermarkMillis), finished);
    }

    private void toEnumerator(Reader reader, ShardReport report) {
        counts.reports++;
        byEnumerator(() -> enumerator.handleSourceEvent(reader.index, report));
    }

    private void byEnumerator(Runnable action) {
        long start = cpuNanos();
        action.run();
        counts.enumeratorCpuNanos += cpuNanos() - start;
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** No limit is past what has been read of a shard, or of its parents while it is not read itself. */
    private void check() {
        long smallest = Long.MAX_VALUE;
        for (Reader reader : readers) {
            for (Map.Entry<String, Long> shard : reader.read.entrySet()) {
                if (!finished.contains(shard.getKey())) {
                    smallest = Math.min(smallest, shard.getValue());
                }
            }
        }
        for (String shard : shards.keySet()) {
            if (!assigned.contains(shard)) {
                smallest = Math.min(smallest, inherited(shard));
            }
        }
        for (Reader reader : readers) {
            if (reader.limitMillis > smallest) {
                throw new AssertionError("the limit of reader " + reader.index + " is " + reader.limitMillis
                        + ", but a shard has only come to " + smallest);
            }
        }
    }

    /** What is certain of a shard that nobody reads: how far its parents are. */
    private long inherited(String shard) {
        return shards.get(shard).parentIds().stream()
                .mapToLong(parent -> assigned.contains(parent) ? readOf(parent) : inherited(parent))
                .min()
                .orElse(Long.MIN_VALUE);
    }

    private long readOf(String shard) {
        if (finished.contains(shard)) {
            return written.get(shard);
        }
        return readers.stream()
                .filter(reader -> reader.read.containsKey(shard))
                .mapToLong(reader -> reader.read.get(shard))
                .findFirst()
                .orElseThrow();
    }

    private static int bytes(SourceEvent event) {
        try {
            return InstantiationUtil.serializeObject(event).length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Flink, as far as the enumerator knows it. */
    private final class Context implements SplitEnumeratorContext<ShardSplit> {

        private final int parallelism;

        Context(int parallelism) {
            this.parallelism = parallelism;
        }

        @Override
        public SplitEnumeratorMetricGroup metricGroup() {
            return UnregisteredMetricsGroup.createSplitEnumeratorMetricGroup();
        }

        @Override
        public void sendEventToSourceReader(int subtaskId, SourceEvent event) {
            long start = cpuNanos();
            Reader reader = readers.get(subtaskId);
            if (event instanceof WatermarkLimit limit) {
                assertThat(limit.watermarkMillis()).isGreaterThanOrEqualTo(reader.limitMillis);
                reader.limitMillis = limit.watermarkMillis();
                int bytes = bytes(event);
                counts.limits++;
                counts.limitBytes += bytes;
                counts.greatestLimitBytes = Math.max(counts.greatestLimitBytes, bytes);
            } else if (event instanceof FinishRecorded finish) {
                finish.shardIds().forEach(reader.read::remove);
                counts.finishes++;
            } else {
                throw new AssertionError("unknown event " + event);
            }
            // what Flink and the reader do is not the enumerator's
            counts.enumeratorCpuNanos -= cpuNanos() - start;
        }

        @Override
        public int currentParallelism() {
            return parallelism;
        }

        @Override
        public Map<Integer, ReaderInfo> registeredReaders() {
            return registered;
        }

        @Override
        public void assignSplits(SplitsAssignment<ShardSplit> splits) {
            splits.assignment().forEach((index, ofReader) -> {
                for (ShardSplit split : ofReader) {
                    assertThat(finished)
                            .as("parents of %s were read", split)
                            .containsAll(shards.get(split.splitId()).parentIds());
                    assertThat(assigned.add(split.splitId()))
                            .as("%s is assigned once", split)
                            .isTrue();
                    readers.get(index)
                            .read
                            .put(split.splitId(), split.watermarks().watermarkMillis());
                    counts.assignments++;
                }
            });
        }

        @Override
        public void signalNoMoreSplits(int subtask) {
            throw new AssertionError("a stream does not end");
        }

        @Override
        public <R> void callAsync(Callable<R> callable, BiConsumer<R, Throwable> handler) {
            counts.listingsPerSecond.merge(clock.millis / 1_000, 1, Integer::sum);
            int pages = (shards.size() + SHARDS_PER_PAGE - 1) / SHARDS_PER_PAGE;
            counts.pages += pages;
            R result;
            try {
                result = callable.call();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            // one call describes the stream, the others list its shards
            calls.add(new Due(clock.millis + CALL.toMillis() * (1 + pages), () -> handler.accept(result, null)));
        }

        @Override
        public <R> void callAsync(
                Callable<R> callable, BiConsumer<R, Throwable> handler, long initialDelay, long period) {
            throw new AssertionError("not used");
        }

        @Override
        public void runInCoordinatorThread(Runnable runnable) {
            // the timer's own calls come by another clock: run() makes them instead
            tick = runnable;
        }

        @Override
        public void setIsProcessingBacklog(boolean isProcessingBacklog) {
            throw new AssertionError("not used");
        }
    }
}
