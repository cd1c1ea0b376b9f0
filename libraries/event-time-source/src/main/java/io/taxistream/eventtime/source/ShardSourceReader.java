package io.taxistream.eventtime.source;

import io.taxistream.eventtime.UserRecords;
import io.taxistream.eventtime.source.FetchedBatch.FetchedRecord;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import javax.annotation.Nullable;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.MetricNames;
import org.apache.flink.util.UserCodeClassLoader;

/**
 * Emits the records and watermarks of its shards, and reports to the enumerator how far it has come.
 *
 * <p>Beside an output for each shard it holds one for the enumerator's limit. Flink emits the smallest watermark of all
 * outputs, and thus never one beyond the limit; nor, without shards, one before it.
 *
 * <p>All methods are called by the task's thread. Other threads only add to {@link #fetched}, set {@link #failure} and
 * complete {@link #available}.
 */
final class ShardSourceReader<T> implements SourceReader<T, ShardSplit> {

    /** Named unlike any shard; the outputs of a reader share one set of names. */
    private static final String LIMIT_OUTPUT = "watermark limit";

    private final SourceReaderContext context;
    private final RecordDeserializer<T> deserializer;
    private final ReadMetrics metrics;
    private final ShardFetchers fetchers;
    private final Clock clock;
    private final long reportIntervalMillis;
    private final long maxReadAheadMillis;
    private final Counter recordsIn;
    private final Counter bytesIn;
    private final Counter recordsInErrors;
    private final ScheduledExecutorService reportTimer;

    private final Map<String, Shard> shards = new LinkedHashMap<>();
    private final Queue<Shard> withoutOutput = new ArrayDeque<>();
    private final Queue<Shard> ready = new ArrayDeque<>();

    @Nullable
    private Shard current;

    @Nullable
    private SourceOutput<T> limitOutput;

    private long limitMillis = Long.MIN_VALUE;
    private boolean limitChanged;

    /** A shard whose watermark is beyond it waits for the others, unless others wait for it. */
    private long readAheadEndMillis;

    private Set<String> awaitedShards = Set.of();

    private final Queue<FetchedBatch> fetched = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile CompletableFuture<Void> available = new CompletableFuture<>();

    /** Whether there is progress that the enumerator has not heard of. */
    private volatile boolean unreported;

    /** Whether it is time to tell it. */
    private volatile boolean reportDue;

    private long lastReportMillis;
    private long lastFetchLagMillis;

    ShardSourceReader(
            SourceReaderContext context,
            RecordDeserializer<T> deserializer,
            KinesisProxy proxy,
            ReadOptions options,
            Clock clock,
            RandomGenerator random) {
        this.context = context;
        this.deserializer = deserializer;
        this.clock = clock;
        this.reportIntervalMillis = options.watermarkInterval().toMillis();
        this.maxReadAheadMillis = options.maxReadAhead().toMillis();
        this.readAheadEndMillis = readAheadEnd();
        this.recordsIn = context.metricGroup().getIOMetricGroup().getNumRecordsInCounter();
        this.bytesIn = context.metricGroup().getIOMetricGroup().getNumBytesInCounter();
        this.recordsInErrors = context.metricGroup().getNumRecordsInErrorsCounter();
        context.metricGroup().gauge(MetricNames.CURRENT_FETCH_EVENT_TIME_LAG, () -> lastFetchLagMillis);
        this.metrics = new ReadMetrics(context.metricGroup());
        this.fetchers = new ShardFetchers(
                proxy,
                options,
                metrics,
                clock,
                random,
                batch -> {
                    fetched.add(batch);
                    wakeUp();
                },
                thrown -> {
                    failure.compareAndSet(null, thrown);
                    wakeUp();
                });
        this.reportTimer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "kinesis-watermark-report");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** A shard, what was read of it and what was emitted. */
    private final class Shard implements RecordDeserializer.RecordOutput<T> {
        final String id;
        final ShardPosition startPosition;

        /** Written by the task's thread alone; the metric is read by others. */
        volatile long watermarkMillis;

        volatile boolean finished;
        boolean paused;
        boolean changed;

        /** The record that was emitted last, wholly or in part; null before the first. */
        @Nullable
        String sequenceNumber;

        int userRecordsRead;
        boolean wholeRecordRead;

        @Nullable
        SourceOutput<T> output;

        /** The batch that is being emitted; null between batches. */
        @Nullable
        FetchedBatch batch;

        int nextRecord;

        /** The batch after that one, if it has been read yet. */
        @Nullable
        FetchedBatch nextBatch;

        boolean isReady;

        Shard(ShardSplit split) {
            id = split.splitId();
            startPosition = split.position();
            watermarkMillis = split.watermarkMillis();
            finished = split.finished();
            if (startPosition instanceof ShardPosition.InsideRecord inside) {
                sequenceNumber = inside.sequenceNumber();
                userRecordsRead = inside.userRecordsRead();
            }
        }

        ShardSplit toSplit() {
            ShardPosition position = startPosition;
            if (sequenceNumber != null) {
                position = wholeRecordRead
                        ? new ShardPosition.AfterRecord(sequenceNumber)
                        : new ShardPosition.InsideRecord(sequenceNumber, userRecordsRead);
            }
            return new ShardSplit(id, position, watermarkMillis, finished);
        }

        ShardProgress progress() {
            return new ShardProgress(id, watermarkMillis, finished);
        }

        /** Emits the next user record of the batch; false if there is none. */
        boolean emitNext() throws IOException {
            while (nextRecord < batch.records().size()) {
                FetchedRecord record = batch.records().get(nextRecord);
                if (wholeRecordRead || !record.sequenceNumber().equals(sequenceNumber)) {
                    sequenceNumber = record.sequenceNumber();
                    userRecordsRead = 0;
                    wholeRecordRead = false;
                }
                UserRecords userRecords = record.userRecords();
                if (userRecordsRead < userRecords.size()) {
                    emit(userRecords);
                    userRecordsRead++;
                    if (userRecordsRead == userRecords.size()) {
                        wholeRecordRead = true;
                        nextRecord++;
                    }
                    return true;
                }
                wholeRecordRead = true;
                nextRecord++;
            }
            return false;
        }

        private void emit(UserRecords userRecords) throws IOException {
            int length = userRecords.length(userRecordsRead);
            recordsIn.inc();
            bytesIn.inc(length);
            try {
                deserializer.deserialize(userRecords.bytes(), userRecords.offset(userRecordsRead), length, this);
            } catch (IOException e) {
                recordsInErrors.inc();
                throw new IOException(
                        "Record " + sequenceNumber + " of shard " + id + ", user record " + userRecordsRead
                                + ", cannot be read: " + e.getMessage(),
                        e);
            }
        }

        @Override
        public void collect(T element, long timestampMillis) {
            output.collect(element, timestampMillis);
            lastFetchLagMillis = batch.fetchedMillis() - timestampMillis;
        }

        @Override
        public void collect(T element) {
            output.collect(element);
        }

        @Override
        public long currentWatermark() {
            return watermarkMillis;
        }

        @Override
        public void watermark(long newWatermarkMillis) {
            if (newWatermarkMillis > watermarkMillis) {
                watermarkMillis = newWatermarkMillis;
                changed = true;
                unreported = true;
                if (clock.millis() - lastReportMillis >= reportIntervalMillis) {
                    reportDue = true;
                }
                output.emitWatermark(new Watermark(newWatermarkMillis));
            }
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the timer's task cannot fail
    public void start() {
        try {
            deserializer.open(new InitializationContext(context));
        } catch (Exception e) {
            throw new IllegalStateException("The deserializer cannot be opened: " + e.getMessage(), e);
        }
        // sent even without shards: the enumerator waits to hear from every reader
        context.sendSourceEventToCoordinator(new ShardReport(
                true, shards.values().stream().map(Shard::progress).toList()));
        lastReportMillis = clock.millis();
        reportTimer.scheduleWithFixedDelay(
                () -> {
                    if (unreported) {
                        reportDue = true;
                        wakeUp();
                    }
                },
                reportIntervalMillis,
                reportIntervalMillis,
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void addSplits(List<ShardSplit> splits) {
        for (ShardSplit split : splits) {
            Shard shard = new Shard(split);
            shards.put(shard.id, shard);
            withoutOutput.add(shard);
            if (!shard.finished) {
                metrics.registerWatermark(shard.id, () -> shard.finished ? Long.MAX_VALUE : shard.watermarkMillis);
                fetchers.start(shard.id, shard.startPosition);
            }
        }
        wakeUp();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
        if (limitOutput == null || limitChanged || !withoutOutput.isEmpty()) {
            prepareOutputs(output);
        }
        if (reportDue) {
            report();
        }
        if (current == null) {
            current = nextReady();
            if (current == null) {
                return nothingAvailable();
            }
        }
        if (!current.emitNext()) {
            endBatch(current, output);
            current = null;
        } else if (isHeldBack(current)) {
            // and so is the rest of its batch
            current = null;
        }
        return InputStatus.MORE_AVAILABLE;
    }

    /** Creates the outputs of new shards, at the watermarks they start from, before the limit can move. */
    private void prepareOutputs(ReaderOutput<T> output) {
        if (limitOutput == null) {
            limitOutput = output.createOutputForSplit(LIMIT_OUTPUT);
        }
        for (Shard shard = withoutOutput.poll(); shard != null; shard = withoutOutput.poll()) {
            shard.output = output.createOutputForSplit(shard.id);
            if (shard.finished) {
                output.releaseOutputForSplit(shard.id);
            } else if (shard.watermarkMillis != Long.MIN_VALUE) {
                shard.output.emitWatermark(new Watermark(shard.watermarkMillis));
            }
        }
        if (limitChanged) {
            limitChanged = false;
            limitOutput.emitWatermark(new Watermark(limitMillis));
        }
    }

    /** The next shard that has something to emit and is not held back; null if there is none. */
    @Nullable
    private Shard nextReady() throws IOException {
        rethrowFailure();
        for (FetchedBatch batch = fetched.poll(); batch != null; batch = fetched.poll()) {
            Shard shard = shards.get(batch.shardId());
            shard.nextBatch = batch;
            addIfReady(shard);
        }
        for (Shard shard = ready.poll(); shard != null; shard = ready.poll()) {
            shard.isReady = false;
            if (!isHeldBack(shard)) {
                if (shard.batch == null) {
                    shard.batch = shard.nextBatch;
                    shard.nextBatch = null;
                    shard.nextRecord = 0;
                    fetchers.taken(shard.id);
                }
                return shard;
            }
        }
        return null;
    }

    private void addIfReady(Shard shard) {
        boolean hasBatch = shard.batch != null || shard.nextBatch != null;
        if (hasBatch && !shard.isReady && shard != current && !isHeldBack(shard)) {
            shard.isReady = true;
            ready.add(shard);
        }
    }

    /** Whether a shard has to wait for others, be it by Flink's alignment or because it is too far ahead. */
    private boolean isHeldBack(Shard shard) {
        return (shard.paused || shard.watermarkMillis > readAheadEndMillis) && !awaitedShards.contains(shard.id);
    }

    private long readAheadEnd() {
        // the sum may lie beyond the end of time, and no limit at all is the end of time whatever it is added to
        boolean beyondTime = maxReadAheadMillis == Long.MAX_VALUE || limitMillis > Long.MAX_VALUE - maxReadAheadMillis;
        return beyondTime ? Long.MAX_VALUE : limitMillis + maxReadAheadMillis;
    }

    private void endBatch(Shard shard, ReaderOutput<T> output) {
        boolean endOfShard = shard.batch.endOfShard();
        shard.batch = null;
        current = null;
        if (endOfShard) {
            shard.finished = true;
            shard.changed = true;
            output.releaseOutputForSplit(shard.id);
            report();
        } else {
            addIfReady(shard);
        }
    }

    private InputStatus nothingAvailable() {
        if (available.isDone()) {
            CompletableFuture<Void> next = new CompletableFuture<>();
            available = next;
            // whoever came before the new future was in place has completed the old one
            if (!fetched.isEmpty() || reportDue || failure.get() != null) {
                next.complete(null);
            }
        }
        return InputStatus.NOTHING_AVAILABLE;
    }

    private void wakeUp() {
        available.complete(null);
    }

    private void rethrowFailure() throws IOException {
        Throwable thrown = failure.get();
        if (thrown instanceof KinesisProxyException) {
            throw new IOException(thrown.getMessage(), thrown);
        }
        if (thrown != null) {
            throw new IOException("Reading from Kinesis failed: " + thrown, thrown);
        }
    }

    private void report() {
        unreported = false;
        reportDue = false;
        lastReportMillis = clock.millis();
        List<ShardProgress> changed = new ArrayList<>();
        for (Shard shard : shards.values()) {
            if (shard.changed) {
                shard.changed = false;
                changed.add(shard.progress());
            }
        }
        if (!changed.isEmpty()) {
            context.sendSourceEventToCoordinator(new ShardReport(false, changed));
        }
    }

    @Override
    public void handleSourceEvents(SourceEvent event) {
        if (event instanceof WatermarkLimit limit) {
            if (limit.watermarkMillis() > limitMillis) {
                limitMillis = limit.watermarkMillis();
                limitChanged = true;
                readAheadEndMillis = readAheadEnd();
            }
            awaitedShards = limit.awaitedShards();
            shards.values().forEach(this::addIfReady);
            wakeUp();
        } else if (event instanceof FinishRecorded finish) {
            finish.shardIds().forEach(shards::remove);
        } else {
            throw new IllegalArgumentException("Unknown event from the enumerator: " + event);
        }
    }

    @Override
    public void pauseOrResumeSplits(Collection<String> splitsToPause, Collection<String> splitsToResume) {
        // the limit's output is aligned by Flink like a split, but there is nothing to pause about it
        for (String shardId : splitsToPause) {
            Shard shard = shards.get(shardId);
            if (shard != null) {
                shard.paused = true;
            }
        }
        for (String shardId : splitsToResume) {
            Shard shard = shards.get(shardId);
            if (shard != null) {
                shard.paused = false;
                addIfReady(shard);
            }
        }
        wakeUp();
    }

    @Override
    public List<ShardSplit> snapshotState(long checkpointId) {
        return shards.values().stream().map(Shard::toSplit).toList();
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return available;
    }

    @Override
    public void notifyNoMoreSplits() {
        // a stream has no last shard, so the enumerator never says this
        throw new IllegalStateException("A Kinesis stream does not end");
    }

    @Override
    public void close() {
        reportTimer.shutdownNow();
        fetchers.close();
    }

    /** What a deserializer may use of its reader. */
    private record InitializationContext(SourceReaderContext reader)
            implements DeserializationSchema.InitializationContext {

        @Override
        public MetricGroup getMetricGroup() {
            return reader.metricGroup();
        }

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return reader.getUserCodeClassLoader();
        }
    }
}
