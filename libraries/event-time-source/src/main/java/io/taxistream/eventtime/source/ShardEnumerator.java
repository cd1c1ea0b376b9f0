package io.taxistream.eventtime.source;

import static java.util.Objects.requireNonNull;

import io.taxistream.eventtime.source.ShardTracker.Assignment;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Discovers the shards of the stream and carries out the decisions of the {@link ShardTracker}.
 *
 * <p>All methods are called by the coordinator's thread, as are all tasks passed to {@link
 * SplitEnumeratorContext#runInCoordinatorThread}.
 */
final class ShardEnumerator implements SplitEnumerator<ShardSplit, EnumeratorState> {

    private static final Logger LOG = LoggerFactory.getLogger(ShardEnumerator.class);

    private static final String THREAD_NAME = "kinesis-shard-enumerator";

    private static final Duration FIRST_RETRY = Duration.ofMillis(500);

    /** Delay before listing shards again for the children of an ended shard, which hold back the watermark. */
    private static final Duration AWAITED_CHILDREN = Duration.ofSeconds(1);

    /**
     * Minimum time between two listings, however many shards end: an account can describe 20 streams per second across all of
     * its jobs.
     */
    private static final Duration MIN_DISCOVERY_INTERVAL = Duration.ofMillis(250);

    /** Readers are notified of newer events in steps of this many milliseconds. */
    private static final long NEWEST_EVENT_STEP = Duration.ofMinutes(1).toMillis();

    private final SplitEnumeratorContext<ShardSplit> context;
    private final KinesisProxy proxy;
    private final ReadOptions options;
    private final Clock clock;
    private final Backoff backoff;
    private final ShardPosition startPosition;
    private final ShardTracker tracker;

    /** Registration of the readers' consumer; null if they poll. */
    private final @Nullable ConsumerRegistration registration;

    private final ScheduledExecutorService timer;
    private final Map<Integer, WatermarkLimit> announcedLimits = new HashMap<>();

    /**
     * Readers that may be about to stop, with the checkpoint they may stop with. A savepoint that stops the job looks like any
     * checkpoint, and an event sent to a stopped reader fails the job. A reader that continues sends an event.
     */
    private final Map<Integer, Long> possiblyStopping = new HashMap<>();

    private long streamCreatedMillis;
    private long newestEventMillis;
    private boolean discovering;
    private int failedDiscoveries;
    private Instant nextDiscovery;
    private Instant lastDiscovery = Instant.MIN;
    private Instant nextAnnouncement = Instant.MIN;

    ShardEnumerator(
            SplitEnumeratorContext<ShardSplit> context,
            KinesisProxy proxy,
            ReadOptions options,
            Clock clock,
            RandomGenerator random,
            EnumeratorState state) {
        this.context = context;
        this.proxy = proxy;
        this.options = options;
        this.clock = clock;
        this.backoff = new Backoff(FIRST_RETRY, options.discoveryInterval().multipliedBy(2), random);
        this.startPosition = state.startPosition();
        this.streamCreatedMillis = state.streamCreatedMillis();
        this.newestEventMillis = state.newestEventMillis();
        this.tracker = new ShardTracker(state.shards());
        this.registration = options.consumer() instanceof EnhancedFanOut fanOut
                ? new ConsumerRegistration(context, proxy, fanOut, clock, random)
                : null;
        this.nextDiscovery = clock.instant();
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, THREAD_NAME);
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // exceptions in the coordinator's thread fail the job
    public void start() {
        context.metricGroup().setUnassignedSplitsGauge(() -> (long) tracker.pendingShards());
        timer.scheduleWithFixedDelay(
                () -> context.runInCoordinatorThread(this::tick),
                0,
                options.watermarkInterval().toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Performs the tasks that are due. Called at every watermark interval. */
    private void tick() {
        discoverIfDue();
        announceLimitIfDue();
        if (registration != null) {
            registration.lookUpIfDue();
        }
    }

    private void discoverIfDue() {
        Instant now = clock.instant();
        if (!discovering && !now.isBefore(nextDiscovery)) {
            discovering = true;
            lastDiscovery = now;
            nextDiscovery = now.plus(options.discoveryInterval());
            context.callAsync(this::discover, this::discovered);
        }
    }

    private record Discovery(Instant streamCreated, List<ShardInfo> shards) {}

    private Discovery discover() throws KinesisProxyException {
        Instant openSince = startPosition instanceof ShardPosition.AtTimestamp at
                ? at.timestamp().minus(KinesisSource.MAX_CLOCK_SKEW)
                : null;
        return new Discovery(proxy.streamCreated(), proxy.listShards(openSince));
    }

    private void discovered(@Nullable Discovery result, @Nullable Throwable thrown) {
        discovering = false;
        if (thrown != null) {
            discoveryFailed(thrown);
            return;
        }
        Discovery discovery = requireNonNull(result, "a successful discovery has a result");
        failedDiscoveries = 0;
        checkSameStream(discovery.streamCreated());
        int found = tracker.discovered(discovery.shards());
        if (found > 0) {
            LOG.info(
                    "Found {} new shards, {} in total",
                    found,
                    discovery.shards().size());
        }
        if (tracker.awaitsChildren()) {
            nextDiscovery = earlier(nextDiscovery, clock.instant().plus(AWAITED_CHILDREN));
        }
        assignShards();
        announceLimitIfDue();
    }

    private void discoveryFailed(Throwable thrown) {
        failedDiscoveries++;
        if (!(thrown instanceof KinesisProxyException e)) {
            throw new FlinkRuntimeException("Listing shards failed: " + thrown, thrown);
        }
        switch (e.kind()) {
            case NOT_FOUND, INVALID_ARGUMENT, FATAL -> throw new FlinkRuntimeException(e.getMessage(), e);
            case THROTTLED, TEMPORARY, IN_USE, ITERATOR_EXPIRED -> {
                nextDiscovery = clock.instant().plusMillis(backoff.delayMillis(failedDiscoveries));
                LOG.warn("Listing shards failed {} times in a row, retrying: {}", failedDiscoveries, e.getMessage());
            }
        }
    }

    private void checkSameStream(Instant created) {
        if (streamCreatedMillis == EnumeratorState.UNKNOWN) {
            streamCreatedMillis = created.toEpochMilli();
        } else if (streamCreatedMillis != created.toEpochMilli()) {
            throw new FlinkRuntimeException("The stream was deleted and created again at " + created
                    + ", but the job's state belongs to the stream created at "
                    + Instant.ofEpochMilli(streamCreatedMillis)
                    + "; start the job without state, or restore a savepoint of this stream");
        }
    }

    private void assignShards() {
        int parallelism = context.currentParallelism();
        if (!allReadersReady(parallelism) || !possiblyStopping.isEmpty()) {
            return;
        }
        Map<Integer, List<ShardSplit>> splits = new HashMap<>();
        for (Map.Entry<Integer, List<Assignment>> assignment :
                tracker.assign(parallelism).entrySet()) {
            List<ShardSplit> ofReader = new ArrayList<>();
            for (Assignment shard : assignment.getValue()) {
                ofReader.add(new ShardSplit(shard.shardId(), startPosition, shard.watermarks(), false));
                LOG.info("Assigned shard {} to subtask {}", shard.shardId(), assignment.getKey());
            }
            splits.put(assignment.getKey(), ofReader);
        }
        if (!splits.isEmpty()) {
            context.assignSplits(new SplitsAssignment<>(splits));
        }
    }

    /** Returns whether every reader has reported, and none has failed since without the tracker being notified yet. */
    private boolean allReadersReady(int parallelism) {
        return tracker.allReadersStarted(parallelism)
                && context.registeredReaders().size() >= parallelism;
    }

    private void announceLimitIfDue() {
        Instant now = clock.instant();
        int parallelism = context.currentParallelism();
        if (now.isBefore(nextAnnouncement) || !allReadersReady(parallelism)) {
            return;
        }
        long limitMillis = tracker.watermarkLimit();
        Map<Integer, Set<String>> awaited = tracker.awaitedShards();
        // an event within a step of the earliest time would underflow
        long newestMillis = newestEventMillis < EnumeratorState.UNKNOWN + NEWEST_EVENT_STEP
                ? EnumeratorState.UNKNOWN
                : newestEventMillis - Math.floorMod(newestEventMillis, NEWEST_EVENT_STEP);
        for (int reader = 0; reader < parallelism; reader++) {
            WatermarkLimit limit =
                    new WatermarkLimit(limitMillis, awaited.getOrDefault(reader, Set.of()), newestMillis);
            if (!possiblyStopping.containsKey(reader)
                    && !limit.equals(announcedLimits.getOrDefault(reader, WatermarkLimit.NONE))) {
                announcedLimits.put(reader, limit);
                context.sendEventToSourceReader(reader, limit);
                nextAnnouncement = now.plus(options.watermarkInterval());
            }
        }
    }

    @Override
    public void handleSourceEvent(int reader, SourceEvent event) {
        if (event instanceof ReaderContinued continued) {
            readerContinued(reader, continued.checkpointId());
            return;
        }
        if (!(event instanceof ShardReport report)) {
            throw new IllegalArgumentException("Unknown event from reader " + reader + ": " + event);
        }
        newestEventMillis = Math.max(newestEventMillis, report.newestEventMillis());
        if (report.initial()) {
            announcedLimits.remove(reader);
            possiblyStopping.remove(reader);
            tracker.readerStarted(reader, report.shards());
            if (registration != null) {
                registration.readerStarted(reader);
            }
        } else {
            tracker.progressed(reader, report.shards());
        }
        List<String> finished = report.shards().stream()
                .filter(ShardProgress::finished)
                .map(ShardProgress::shardId)
                .toList();
        if (!finished.isEmpty()) {
            LOG.info("Subtask {} finished shards {}", reader, finished);
            if (context.registeredReaders().containsKey(reader)) {
                context.sendEventToSourceReader(reader, new FinishRecorded(finished));
            }
            if (tracker.awaitsChildren()) {
                nextDiscovery = earlier(nextDiscovery, lastDiscovery.plus(MIN_DISCOVERY_INTERVAL));
                discoverIfDue();
            }
        }
        if (report.initial() || !finished.isEmpty()) {
            assignShards();
        }
        announceLimitIfDue();
    }

    private void readerContinued(int reader, long checkpointId) {
        Long stoppingWith = possiblyStopping.get(reader);
        if (stoppingWith != null && stoppingWith <= checkpointId) {
            possiblyStopping.remove(reader);
            assignShards();
            announceLimitIfDue();
        }
    }

    @Override
    public void addReader(int reader) {
        // the reader's first report contains its shards and signals that it is ready
    }

    @Override
    public void addSplitsBack(List<ShardSplit> splits, int reader) {
        tracker.readerReset(reader, splits.stream().map(ShardSplit::splitId).toList());
    }

    @Override
    public void handleSplitRequest(int reader, @Nullable String hostname) {
        throw new IllegalStateException("Readers do not request shards");
    }

    @Override
    public EnumeratorState snapshotState(long checkpointId) {
        context.registeredReaders().keySet().forEach(reader -> possiblyStopping.put(reader, checkpointId));
        return new EnumeratorState(startPosition, streamCreatedMillis, newestEventMillis, tracker.snapshot());
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) {
        // the checkpoint may not have reached the readers
        List.copyOf(possiblyStopping.keySet()).forEach(reader -> readerContinued(reader, checkpointId));
    }

    @Override
    public void close() {
        timer.shutdownNow();
        if (registration != null) {
            registration.close();
        }
        proxy.close();
        Shutdown.await(timer, THREAD_NAME);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
