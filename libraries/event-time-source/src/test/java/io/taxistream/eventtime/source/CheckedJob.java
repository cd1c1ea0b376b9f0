package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.TestStreamEnvironment;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * A job on a Flink cluster of its own that reads a {@link Feed} and checks every record: each number of each key must
 * come exactly once, as the state of the job has it, and never behind the watermark.
 */
final class CheckedJob {

    private static final Duration TIMEOUT = Duration.ofSeconds(40);
    private static final Map<String, Observed> OBSERVED = new ConcurrentHashMap<>();

    /** What the job's functions, in the same JVM, tell the test. */
    static final class Observed {
        /** By subtask of the checking function, as each sees the watermark of all of its inputs. */
        final Map<Integer, Long> watermarks = new ConcurrentHashMap<>();

        /** By key, how many different numbers are in the job's state. */
        final Map<Integer, Integer> counts = new ConcurrentHashMap<>();

        final Queue<String> errors = new ConcurrentLinkedQueue<>();
        final AtomicInteger failuresToCome = new AtomicInteger();
        final AtomicInteger failures = new AtomicInteger();
        final AtomicLong seen = new AtomicLong();

        /** The greatest timestamp seen, in milliseconds since the epoch. */
        final AtomicLong latestMillis = new AtomicLong(Long.MIN_VALUE);

        volatile int failEvery = Integer.MAX_VALUE;
    }

    private final MiniCluster cluster;
    private final String name;
    private final Path folder;

    /** By the name of its stream. */
    private final Map<String, Feed> feeds = new LinkedHashMap<>();

    private int parallelism = 2;
    private ConsumerType consumer = new Polling();
    private InitialPosition initialPosition = new InitialPosition.TrimHorizon();
    private WatermarkStrategy<Tuple2<Integer, Long>> strategy = WatermarkStrategy.noWatermarks();
    private Duration maxReadAhead = KinesisSource.UNLIMITED_READ_AHEAD;
    private int restarts = 10;

    @Nullable
    private JobID jobId;

    CheckedJob(MiniCluster cluster, String name, Path folder, Feed feed) {
        this.cluster = cluster;
        this.name = name;
        this.folder = folder;
        feeds.put(name, feed);
        OBSERVED.put(name, new Observed());
    }

    Observed observed() {
        return OBSERVED.get(name);
    }

    /** Lets the job read another stream as well. */
    CheckedJob addStream(String stream, Feed feed) {
        feeds.put(stream, feed);
        return this;
    }

    CheckedJob parallelism(int parallelism) {
        this.parallelism = parallelism;
        return this;
    }

    CheckedJob consumer(ConsumerType type) {
        this.consumer = type;
        return this;
    }

    CheckedJob from(InitialPosition position) {
        this.initialPosition = position;
        return this;
    }

    CheckedJob withoutRestarts() {
        this.restarts = 0;
        return this;
    }

    CheckedJob aligned(Duration maxDrift) {
        strategy = WatermarkStrategy.<Tuple2<Integer, Long>>noWatermarks()
                .withWatermarkAlignment("shards", maxDrift, Duration.ofMillis(20));
        return this;
    }

    CheckedJob readingAhead(Duration drift) {
        maxReadAhead = drift;
        return this;
    }

    /** Lets the check fail so often, each time after so many more records. */
    CheckedJob failing(int count, int afterRecords) {
        observed().failEvery = afterRecords;
        observed().failuresToCome.set(count);
        return this;
    }

    CheckedJob start() throws Exception {
        return startFrom(null);
    }

    CheckedJob startFrom(@Nullable String savepoint) throws Exception {
        observed().watermarks.clear();
        Configuration configuration = new Configuration();
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, folder.toUri().toString());
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, restarts == 0 ? "none" : "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Math.max(1, restarts));
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        StreamExecutionEnvironment env =
                new TestStreamEnvironment(cluster, configuration, parallelism, List.of(), List.of());
        env.setMaxParallelism(60);
        DataStream<Tuple2<Integer, Long>> records = null;
        for (String stream : feeds.keySet()) {
            KinesisSource<Tuple2<Integer, Long>> source = new KinesisSource<>(
                    new FakeKinesis.Factory(stream),
                    new Feed.Deserializer(),
                    initialPosition,
                    ReadOptionsBuilder.inQuickSteps()
                            .consumer(consumer)
                            .maxRecordsPerRead(40)
                            .maxReadThreads(4)
                            .discoveryInterval(Duration.ofMillis(200))
                            .maxReadAhead(maxReadAhead)
                            .build());
            DataStream<Tuple2<Integer, Long>> ofStream =
                    env.fromSource(source, strategy, "source of " + stream).uid("source of " + stream);
            records = records == null ? ofStream : records.union(ofStream);
        }
        records.keyBy(record -> record.f0, Types.INT)
                .transform("check", Types.LONG, new CheckOperator(name))
                .uid("check")
                .sinkTo(new DiscardingSink<>())
                .name("discard")
                .uid("discard");
        jobId = env.executeAsync(name).getJobID();
        return this;
    }

    /** Waits until every subtask of the check has seen a watermark. */
    void awaitWatermark(long watermarkMillis) {
        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(10)).until(() -> {
            failFast();
            return observed().watermarks.size() == parallelism
                    && observed().watermarks.values().stream().allMatch(seen -> seen >= watermarkMillis);
        });
    }

    /** Waits until the check has seen so many records, repeated ones included. */
    void awaitSeen(long records) {
        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(5)).until(() -> {
            failFast();
            return observed().seen.get() >= records;
        });
    }

    /** Stops the job wherever it is, once it has come to work. */
    String stopWithSavepoint() throws Exception {
        awaitWatermark(Long.MIN_VALUE + 1);
        return stop(false);
    }

    /** Waits until the check has seen a record of this time or later. */
    void awaitTimestamp(long timestampMillis) {
        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(5)).until(() -> {
            failFast();
            return observed().latestMillis.get() >= timestampMillis;
        });
    }

    /** Waits until everything written has been read, stops the job and checks that it was read exactly once. */
    void drainAndCheck() throws Exception {
        awaitWatermark(
                feeds.values().stream().mapToLong(Feed::watermarkMillis).min().orElseThrow());
        stop(true);
        assertThat(observed().watermarks.values()).as("watermarks at the end").containsOnly(Long.MAX_VALUE);
        check();
    }

    /** Checks what was read. */
    void check() {
        assertThat(observed().errors).isEmpty();
        Map<Integer, Integer> written = new HashMap<>();
        feeds.values().forEach(feed -> written.putAll(feed.written()));
        assertThat(observed().counts).as("records by key").isEqualTo(written);
    }

    private String stop(boolean drain) throws Exception {
        String savepoint =
                get(cluster.stopWithSavepoint(jobId, folder.toUri().toString(), drain, SavepointFormatType.CANONICAL));
        assertThat(result().isSuccess()).as("the job has finished").isTrue();
        return savepoint;
    }

    /** The messages of the error that ends the job. */
    String awaitFailure() throws Exception {
        return messages(result().getSerializedThrowable().orElseThrow());
    }

    /** Cancels the job if it is still running. */
    void close() throws Exception {
        OBSERVED.remove(name);
        if (jobId != null && !get(cluster.getJobStatus(jobId)).isGloballyTerminalState()) {
            get(cluster.cancelJob(jobId));
            result();
        }
    }

    private JobResult result() throws Exception {
        return get(cluster.requestJobResult(jobId));
    }

    private void failFast() throws Exception {
        if (get(cluster.getJobStatus(jobId)) == JobStatus.FAILED) {
            throw new AssertionError("the job has failed:\n" + awaitFailure());
        }
    }

    private static <R> R get(CompletableFuture<R> future) throws Exception {
        return future.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    private static String messages(Throwable thrown) {
        StringBuilder messages = new StringBuilder();
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            messages.append(t.getMessage()).append('\n');
        }
        return messages.toString();
    }

    /** Tells the test how far the watermark of all inputs has come. */
    private static final class CheckOperator extends KeyedProcessOperator<Integer, Tuple2<Integer, Long>, Long> {

        private final String name;

        CheckOperator(String name) {
            super(new Check(name));
            this.name = name;
        }

        @Override
        public void open() throws Exception {
            super.open();
            OBSERVED.get(name).watermarks.put(subtask(), Long.MIN_VALUE);
        }

        @Override
        public void processWatermark(Watermark mark) throws Exception {
            super.processWatermark(mark);
            OBSERVED.get(name).watermarks.put(subtask(), mark.getTimestamp());
        }

        private int subtask() {
            return getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        }
    }

    /** Checks the records of each key. */
    private static final class Check extends KeyedProcessFunction<Integer, Tuple2<Integer, Long>, Long> {

        private final String name;
        private transient MapState<Long, Boolean> numbers;

        Check(String name) {
            this.name = name;
        }

        @Override
        public void open(OpenContext context) {
            numbers = getRuntimeContext().getMapState(new MapStateDescriptor<>("numbers", Types.LONG, Types.BOOLEAN));
        }

        @Override
        public void processElement(Tuple2<Integer, Long> record, Context context, Collector<Long> out)
                throws Exception {
            Observed observed = OBSERVED.get(name);
            if (numbers.contains(record.f1)) {
                observed.errors.add("key " + record.f0 + ": number " + record.f1 + " comes twice");
            }
            if (context.timestamp() <= context.timerService().currentWatermark()) {
                observed.errors.add("key " + record.f0 + ": number " + record.f1 + " at " + context.timestamp()
                        + " is behind the watermark "
                        + context.timerService().currentWatermark());
            }
            observed.latestMillis.accumulateAndGet(context.timestamp(), Math::max);
            numbers.put(record.f1, true);
            int count = 0;
            for (Long unused : numbers.keys()) {
                count++;
            }
            observed.counts.put(record.f0, count);
            if (observed.seen.incrementAndGet() % observed.failEvery == 0
                    && observed.failuresToCome.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                observed.failures.incrementAndGet();
                throw new IllegalStateException("the check fails as planned");
            }
        }
    }
}
