package io.taxistream.eventtime.source;

import static java.util.Objects.requireNonNull;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.UserRecords;
import io.taxistream.eventtime.source.FetchedBatch.FetchedRecord;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Emits the records and watermarks of its shards, and reports its progress to the enumerator.
 *
 * <p>In addition to an output for each shard, it has one for the enumerator's limit. Flink emits the minimum watermark of all
 * outputs, which therefore never exceeds the limit; a reader without shards emits the limit itself.
 *
 * <p>All methods are called by the task's thread. Other threads only add to {@link #fetched}, set {@link #failure} and complete
 * {@link #available}.
 */
final class ShardSourceReader<T> implements SourceReader<T, ShardSplit> {

    private static final Logger LOG = LoggerFactory.getLogger(ShardSourceReader.class);

    /**
     * Maximum number of user records emitted by a call of {@link #pollNext}. Flink does some work between two calls, such as
     * looking for a checkpoint barrier or a timer, which several records share; it waits until these records have been emitted.
     */
    static final int MAX_RECORDS_PER_POLL = 32;

    private static final Duration HELD_BACK_CHECK = Duration.ofSeconds(10);
    private static final Duration HELD_BACK_WARNING = Duration.ofMinutes(1);

    /** Differs from any shard id, because all outputs of a reader share one namespace. */
    private static final String LIMIT_OUTPUT = "watermark limit";

    private static final long NO_CHECKPOINT = -1;

    private static final String REPORT_THREAD_NAME = "kinesis-watermark-report";

    private final SourceReaderContext context;
    private final RecordDeserializer<T> deserializer;
    private final ReadOptions options;
    private final String streamName;
    private final ReadMetrics metrics;
    private final BatchReader batchReader;
    private final Clock clock;
    private final long reportIntervalMillis;
    private final ReaderShards readerShards;
    private final Counter recordsIn;
    private final Counter bytesIn;
    private final Counter recordsInErrors;
    private final ScheduledExecutorService reportTimer;

    private final Map<String, Shard> shards = new HashMap<>();
    private final Queue<Shard> ready = new ArrayDeque<>();

    private @Nullable Shard current;

    private @Nullable SourceOutput<T> limitOutput;

    private final Queue<FetchedBatch> fetched = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile CompletableFuture<Void> available = new CompletableFuture<>();

    /** Whether there is progress that has not been reported to the enumerator. */
    private volatile boolean unreported;

    /** Whether the next report is due. */
    private volatile boolean reportDue;

    /** Checkpoint for which the enumerator has not yet been notified that this reader continues. */
    private long unansweredCheckpoint = NO_CHECKPOINT;

    private volatile boolean heldBackCheckDue;

    /** Accessed by the timer only. */
    private long lastHeldBackCheckMillis;

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
        this.options = options;
        this.streamName = proxy.streamName();
        this.clock = clock;
        this.reportIntervalMillis = options.watermarkInterval().toMillis();
        this.readerShards = new ReaderShards(
                options.maxReadAhead().toMillis(), options.maxWatermarkAdvance().toMillis());
        this.recordsIn = context.metricGroup().getIOMetricGroup().getNumRecordsInCounter();
        this.bytesIn = context.metricGroup().getIOMetricGroup().getNumBytesInCounter();
        this.recordsInErrors = context.metricGroup().getNumRecordsInErrorsCounter();
        context.metricGroup().gauge(MetricNames.CURRENT_FETCH_EVENT_TIME_LAG, () -> lastFetchLagMillis);
        this.metrics = new ReadMetrics(context.metricGroup());
        this.batchReader = batchReader(proxy, random);
        this.reportTimer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, REPORT_THREAD_NAME);
            thread.setDaemon(true);
            return thread;
        });
    }

    private BatchReader batchReader(KinesisProxy proxy, RandomGenerator random) {
        Consumer<FetchedBatch> batches = batch -> {
            fetched.add(batch);
            wakeUp();
        };
        Consumer<Throwable> failures = thrown -> {
            failure.compareAndSet(null, thrown);
            wakeUp();
        };
        return options.consumer() instanceof EnhancedFanOut fanOut
                ? new ShardSubscriptions(proxy, fanOut, options, metrics, clock, random, batches, failures)
                : new ShardFetchers(proxy, options, metrics, clock, random, batches, failures);
    }

    /** A shard with its output and its fetched batches. */
    private final class Shard implements RecordDeserializer.RecordOutput<T>, RecordContext {
        final HeldShard held;

        @Nullable
        SourceOutput<T> output;

        /** Batch being emitted; null between batches. */
        @Nullable
        FetchedBatch batch;

        int nextRecord;

        /** Next batch, if it has already been read. */
        @Nullable
        FetchedBatch nextBatch;

        boolean isReady;

        /** Time since which the shard has been waiting for others with records to emit; 0 if it is not waiting. */
        volatile long heldBackSinceMillis;

        boolean heldBackLogged;

        private final PartWait partWait = new PartWait();
        private int implausibleWatermarks;

        Shard(HeldShard held) {
            this.held = held;
            partWait.received(held.watermarks(), false, clock.millis());
        }

        /** Emits the next user record of the batch; returns false if there is none. */
        boolean emitNext() throws IOException {
            FetchedBatch batch = batch();
            while (nextRecord < batch.records().size()) {
                FetchedRecord record = batch.records().get(nextRecord);
                UserRecords userRecords = record.userRecords();
                if (held.moveTo(record.sequenceNumber(), userRecords.size())) {
                    emit(userRecords, held.userRecord());
                    if (held.userRecordRead(userRecords.size())) {
                        nextRecord++;
                    }
                    return true;
                }
                nextRecord++;
            }
            return false;
        }

        private void emit(UserRecords userRecords, int index) throws IOException {
            int length = userRecords.length(index);
            recordsIn.inc();
            bytesIn.inc(length);
            try {
                deserializer.deserialize(userRecords.bytes(), userRecords.offset(index), length, this);
            } catch (IOException e) {
                recordsInErrors.inc();
                throw new IOException(
                        "Record " + held.sequenceNumber() + " of shard " + held.id() + ", user record " + index
                                + ", cannot be read: " + e.getMessage(),
                        e);
            }
        }

        @Override
        public void collect(T element, long timestampMillis) {
            held.event(timestampMillis);
            output().collect(element, timestampMillis);
            lastFetchLagMillis = batch().fetchedMillis() - timestampMillis;
        }

        @Override
        public void collect(T element) {
            output().collect(element);
        }

        @Override
        public long currentWatermark() {
            return held.watermarkMillis();
        }

        @Override
        public boolean watermark(int part, int parts, long watermarkMillis, boolean ended) {
            long nowMillis = clock.millis();
            if (!readerShards.isPlausible(watermarkMillis, nowMillis)) {
                ignoreImplausible(watermarkMillis);
                return false;
            }
            metrics.registerParts(parts);
            boolean advanced = held.advance(new Part(part, parts), watermarkMillis, ended);
            partWait.received(held.watermarks(), advanced, nowMillis);
            if (advanced) {
                unreported = true;
                if (nowMillis - lastReportMillis >= reportIntervalMillis) {
                    reportDue = true;
                }
                output().emitWatermark(new Watermark(held.watermarkMillis()));
            }
            return true;
        }

        private void ignoreImplausible(long watermarkMillis) {
            metrics.implausibleWatermarks.inc();
            implausibleWatermarks++;
            if (Integer.bitCount(implausibleWatermarks) == 1) {
                LOG.warn(
                        "Record {} of shard {} carries watermark {}, which is in the future and more than {} ahead of"
                                + " the newest event, {}: ignoring it, as {} before in this shard",
                        held.sequenceNumber(),
                        held.id(),
                        Instant.ofEpochMilli(watermarkMillis),
                        options.maxWatermarkAdvance(),
                        Instant.ofEpochMilli(readerShards.newestEventMillis()),
                        implausibleWatermarks - 1);
            }
        }

        @Override
        public RecordContext record() {
            return this;
        }

        @Override
        public String stream() {
            return streamName;
        }

        @Override
        public String shardId() {
            return held.id();
        }

        @Override
        public String sequenceNumber() {
            return fetchedRecord().sequenceNumber();
        }

        @Override
        public int userRecord() {
            return held.userRecord();
        }

        @Override
        public int userRecords() {
            return fetchedRecord().userRecords().size();
        }

        @Override
        public String partitionKey() {
            FetchedRecord record = fetchedRecord();
            String ofUserRecord = record.userRecords().partitionKey(held.userRecord());
            return ofUserRecord == null ? record.kinesisRecord().partitionKey() : ofUserRecord;
        }

        @Override
        public @Nullable String explicitHashKey() {
            return fetchedRecord().userRecords().explicitHashKey(held.userRecord());
        }

        @Override
        public long arrivalMillis() {
            return fetchedRecord().kinesisRecord().arrived().toEpochMilli();
        }

        private FetchedRecord fetchedRecord() {
            return batch().records().get(nextRecord);
        }

        FetchedBatch batch() {
            return requireNonNull(batch, "no batch of the shard is being emitted");
        }

        private SourceOutput<T> output() {
            return requireNonNull(output, "outputs are opened before shards are read");
        }

        void heldBack() {
            if (heldBackSinceMillis == 0) {
                heldBackSinceMillis = clock.millis();
            }
        }

        void resumed() {
            if (heldBackSinceMillis != 0) {
                heldBackSinceMillis = 0;
                heldBackLogged = false;
            }
        }

        long heldBackMillis(long nowMillis) {
            long since = heldBackSinceMillis;
            return since == 0 ? 0 : nowMillis - since;
        }
    }

    /** Adapts the outputs of Flink. */
    private final class FlinkOutputs implements ReaderShards.Outputs {

        private final ReaderOutput<T> output;

        FlinkOutputs(ReaderOutput<T> output) {
            this.output = output;
        }

        @Override
        public void openLimit() {
            limitOutput = output.createOutputForSplit(LIMIT_OUTPUT);
        }

        @Override
        public void advanceLimit(long watermarkMillis) {
            requireNonNull(limitOutput, "the limit is opened before it advances")
                    .emitWatermark(new Watermark(watermarkMillis));
        }

        @Override
        public void open(HeldShard shard) {
            SourceOutput<T> ofShard = output.createOutputForSplit(shard.id());
            read(shard.id()).output = ofShard;
            if (shard.watermarkMillis() != Long.MIN_VALUE) {
                ofShard.emitWatermark(new Watermark(shard.watermarkMillis()));
            }
        }

        @Override
        public void release(HeldShard shard) {
            output.releaseOutputForSplit(shard.id());
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the timer's task does not throw
    public void start() {
        try {
            deserializer.open(new InitializationContext(context));
        } catch (Exception e) {
            throw new IllegalStateException("The deserializer cannot be opened: " + e.getMessage(), e);
        }
        // sent even without shards: the enumerator waits for a report from every reader
        context.sendSourceEventToCoordinator(readerShards.initialReport());
        lastReportMillis = clock.millis();
        reportTimer.scheduleWithFixedDelay(
                () -> {
                    if (unreported) {
                        reportDue = true;
                        wakeUp();
                    }
                    if (clock.millis() - lastHeldBackCheckMillis >= HELD_BACK_CHECK.toMillis()) {
                        lastHeldBackCheckMillis = clock.millis();
                        heldBackCheckDue = true;
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
            HeldShard shard = readerShards.add(split);
            if (!shard.finished()) {
                Shard read = new Shard(shard);
                shards.put(shard.id(), read);
                metrics.registerWatermark(
                        shard.id(), () -> shard.finished() ? Long.MAX_VALUE : shard.watermarkMillis());
                metrics.registerParts(shard.id(), shard::watermarks);
                metrics.registerHeldBack(shard.id(), () -> read.heldBackMillis(clock.millis()));
                batchReader.start(shard.id(), shard.startPosition());
            }
        }
        wakeUp();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
        if (readerShards.mustPrepareOutputs()) {
            readerShards.prepareOutputs(new FlinkOutputs(output));
        }
        if (reportDue) {
            report();
        }
        if (unansweredCheckpoint != NO_CHECKPOINT) {
            // a reader that was stopped with the checkpoint is not polled again
            context.sendSourceEventToCoordinator(new ReaderContinued(unansweredCheckpoint));
            unansweredCheckpoint = NO_CHECKPOINT;
        }
        if (heldBackCheckDue) {
            logHeldBack();
        }
        if (current == null) {
            current = nextReady();
            if (current == null) {
                return nothingAvailable();
            }
        }
        emit(current, output);
        return InputStatus.MORE_AVAILABLE;
    }

    /** Emits a number of records of a shard, fewer if its batch ends or it has to wait for others. */
    private void emit(Shard shard, ReaderOutput<T> output) throws IOException {
        for (int emitted = 0; emitted < MAX_RECORDS_PER_POLL; emitted++) {
            if (!shard.emitNext()) {
                endBatch(shard, output);
                return;
            }
            if (readerShards.isHeldBack(shard.held)) {
                // and so is the rest of its batch
                shard.heldBack();
                current = null;
                return;
            }
        }
    }

    /** Returns the next shard with records to emit that is not held back; null if there is none. */
    private @Nullable Shard nextReady() throws IOException {
        rethrowFailure();
        for (FetchedBatch batch = fetched.poll(); batch != null; batch = fetched.poll()) {
            Shard shard = read(batch.shardId());
            shard.nextBatch = batch;
            addIfReady(shard);
        }
        for (Shard shard = ready.poll(); shard != null; shard = ready.poll()) {
            shard.isReady = false;
            if (!readerShards.isHeldBack(shard.held)) {
                if (shard.batch == null) {
                    shard.batch = shard.nextBatch;
                    shard.nextBatch = null;
                    shard.nextRecord = 0;
                    batchReader.taken(shard.held.id());
                }
                shard.resumed();
                return shard;
            }
            shard.heldBack();
        }
        return null;
    }

    private Shard read(String shardId) {
        return requireNonNull(shards.get(shardId), "only shards being read have outputs and batches");
    }

    private void addIfReady(Shard shard) {
        boolean hasBatch = shard.batch != null || shard.nextBatch != null;
        if (!hasBatch || shard.isReady || shard == current) {
            return;
        }
        if (readerShards.isHeldBack(shard.held)) {
            shard.heldBack();
        } else {
            shard.isReady = true;
            ready.add(shard);
        }
    }

    private void endBatch(Shard shard, ReaderOutput<T> output) {
        boolean endOfShard = shard.batch().endOfShard();
        shard.batch = null;
        current = null;
        if (endOfShard) {
            readerShards.finish(shard.held, new FlinkOutputs(output));
            shards.remove(shard.held.id());
            metrics.unregister(shard.held.id());
            report();
        } else {
            addIfReady(shard);
        }
    }

    private InputStatus nothingAvailable() {
        if (available.isDone()) {
            CompletableFuture<Void> next = new CompletableFuture<>();
            available = next;
            // anything added before the new future was set has completed the old one
            if (!fetched.isEmpty() || reportDue || heldBackCheckDue || failure.get() != null) {
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

    private void logHeldBack() {
        heldBackCheckDue = false;
        heldBackWarnings(clock.millis()).forEach(LOG::warn);
    }

    /**
     * Returns a line for each shard that has been waiting for a long time, and for each whose event time waits for a part. They may
     * wait forever, for example because a sender has stopped, and their records are then missing from all results.
     */
    List<String> heldBackWarnings(long nowMillis) {
        List<String> warnings = new ArrayList<>();
        for (Shard shard : shards.values()) {
            if (!shard.heldBackLogged && shard.heldBackMillis(nowMillis) >= HELD_BACK_WARNING.toMillis()) {
                shard.heldBackLogged = true;
                warnings.add("Reading shard " + shard.held.id() + " has been paused since "
                        + Instant.ofEpochMilli(shard.heldBackSinceMillis) + ": it is at "
                        + Instant.ofEpochMilli(shard.held.watermarkMillis())
                        + ", too far ahead of the slowest shard, at "
                        + (readerShards.limitMillis() == Long.MIN_VALUE
                                ? "no watermark"
                                : Instant.ofEpochMilli(readerShards.limitMillis()))
                        + "; it waits for the slowest shard's watermark");
            }
            shard.partWait
                    .warning(shard.held.id(), shard.held.watermarks(), HELD_BACK_WARNING, nowMillis)
                    .ifPresent(warnings::add);
        }
        return warnings;
    }

    private void report() {
        unreported = false;
        reportDue = false;
        lastReportMillis = clock.millis();
        ShardReport report = readerShards.report();
        if (report != null) {
            context.sendSourceEventToCoordinator(report);
        }
    }

    @Override
    public void handleSourceEvents(SourceEvent event) {
        if (event instanceof WatermarkLimit limit) {
            readerShards.limit(limit);
            shards.values().forEach(this::addIfReady);
            wakeUp();
        } else if (event instanceof FinishRecorded finish) {
            readerShards.finishRecorded(finish.shardIds());
        } else if (event instanceof ConsumerReady ready && batchReader instanceof ShardSubscriptions subscriptions) {
            subscriptions.consumerReady(ready.consumerArn());
        } else {
            throw new IllegalArgumentException("Unknown event from the enumerator: " + event);
        }
    }

    @Override
    public void pauseOrResumeSplits(Collection<String> splitsToPause, Collection<String> splitsToResume) {
        // Flink aligns the output of the limit like a split, but it cannot be paused
        for (String shardId : splitsToPause) {
            Shard shard = shards.get(shardId);
            if (shard != null) {
                shard.held.pause(true);
            }
        }
        for (String shardId : splitsToResume) {
            Shard shard = shards.get(shardId);
            if (shard != null) {
                shard.held.pause(false);
                addIfReady(shard);
            }
        }
        wakeUp();
    }

    @Override
    public List<ShardSplit> snapshotState(long checkpointId) {
        unansweredCheckpoint = checkpointId;
        wakeUp();
        return readerShards.snapshot();
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return available;
    }

    @Override
    public void notifyNoMoreSplits() {
        // a stream has no last shard, so the enumerator never signals this
        throw new IllegalStateException("A Kinesis stream does not end");
    }

    @Override
    public void close() {
        reportTimer.shutdownNow();
        batchReader.close();
        Shutdown.await(reportTimer, REPORT_THREAD_NAME);
    }

    /** Gives a deserializer access to its reader's metrics and class loader. */
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
