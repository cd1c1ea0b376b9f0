package io.taxistream.eventtime.source;

import io.taxistream.eventtime.AggregatedRecords;
import io.taxistream.eventtime.source.FetchedBatch.FetchedRecord;
import io.taxistream.eventtime.source.KinesisProxyException.Kind;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the shards of one reader, each on its own in the order of its records, with a few threads for all of them.
 *
 * <p>A shard is read again only after the batch before was {@linkplain #taken taken}, so that no more than one batch a
 * shard waits, and no sooner than its pace allows. Failures that may pass are retried for as long as they last; those
 * that will not are handed on once, and the shard is given up.
 */
final class ShardFetchers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ShardFetchers.class);

    private static final String THREAD_NAME = "kinesis-shard-fetcher";

    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration MAX_RETRY = Duration.ofSeconds(10);

    /** Throttled reads are part of normal life on a shared shard; so many in a row are worth a warning. */
    private static final int THROTTLED_TO_WARN = 8;

    private final KinesisProxy proxy;
    private final ReadOptions options;
    private final ReadMetrics metrics;
    private final Clock clock;
    private final Backoff backoff;
    private final Consumer<FetchedBatch> batches;
    private final Consumer<Throwable> failures;
    private final ScheduledThreadPoolExecutor executor;
    private final Map<String, Fetcher> fetchers = new ConcurrentHashMap<>();

    /**
     * @param batches takes what was read, called by any thread
     * @param failures takes what cannot be retried, called by any thread
     */
    ShardFetchers(
            KinesisProxy proxy,
            ReadOptions options,
            ReadMetrics metrics,
            Clock clock,
            RandomGenerator random,
            Consumer<FetchedBatch> batches,
            Consumer<Throwable> failures) {
        this.proxy = proxy;
        this.options = options;
        this.metrics = metrics;
        this.clock = clock;
        this.backoff = new Backoff(FIRST_RETRY, MAX_RETRY, random);
        this.batches = batches;
        this.failures = failures;
        this.executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, THREAD_NAME);
            thread.setDaemon(true);
            return thread;
        });
        this.executor.setRemoveOnCancelPolicy(true);
    }

    /** Begins to read a shard. */
    void start(String shardId, ShardPosition position) {
        Fetcher fetcher = new Fetcher(shardId, position);
        fetchers.put(shardId, fetcher);
        metrics.registerShard(shardId, () -> fetcher.millisBehindLatest);
        executor.setCorePoolSize(Math.min(options.maxReadThreads(), fetchers.size()));
        fetcher.scheduleIn(0);
    }

    /** Says that the last batch of a shard is being worked on and the next one may be read; after the end it does nothing. */
    void taken(String shardId) {
        Fetcher fetcher = fetchers.get(shardId);
        if (fetcher != null) {
            fetcher.scheduleNextPoll();
        }
    }

    /** Stops all reading; reads in progress are broken off, what they bring is dropped, and their threads end. */
    @Override
    public void close() {
        executor.shutdownNow();
        proxy.close();
        Shutdown.await(executor, THREAD_NAME);
    }

    /** One shard; its steps follow one another, so that its fields need no lock. */
    private final class Fetcher implements Runnable {
        private final String shardId;
        private final PollPace pace;
        private ShardPosition position;

        private @Nullable String iterator;

        private int failuresInARow;
        private volatile long lastPollNanos;
        private volatile long millisBehindLatest;

        Fetcher(String shardId, ShardPosition position) {
            this.shardId = shardId;
            this.position = position;
            this.pace = new PollPace(options.pollInterval().toMillis());
        }

        void scheduleNextPoll() {
            long sincePoll = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastPollNanos);
            scheduleIn(Math.max(0, pace.intervalMillis() - sincePoll));
        }

        @SuppressWarnings("FutureReturnValueIgnored") // run() itself hands on whatever goes wrong
        void scheduleIn(long delayMillis) {
            if (!executor.isShutdown()) {
                executor.schedule(this, delayMillis, TimeUnit.MILLISECONDS);
            }
        }

        @Override
        public void run() {
            try {
                poll();
            } catch (KinesisProxyException e) {
                if (!executor.isShutdown()) {
                    failed(e);
                }
            } catch (RuntimeException | Error e) {
                if (!executor.isShutdown()) {
                    fetchers.remove(shardId);
                    failures.accept(e);
                }
            }
        }

        private void poll() throws KinesisProxyException {
            if (iterator == null) {
                iterator = proxy.shardIterator(shardId, position);
            }
            lastPollNanos = System.nanoTime();
            KinesisProxy.Page page = proxy.records(iterator, options.maxRecordsPerRead());
            if (failuresInARow > 0) {
                LOG.debug("Shard {} is read again after {} failed attempts", shardId, failuresInARow);
                failuresInARow = 0;
            }
            pace.succeeded(page.records().stream()
                    .mapToLong(record -> record.data().remaining())
                    .sum());
            iterator = page.nextShardIterator();
            millisBehindLatest = page.millisBehindLatest();
            List<FetchedRecord> records = new ArrayList<>(page.records().size());
            for (KinesisProxy.KinesisRecord record : page.records()) {
                records.add(new FetchedRecord(record, AggregatedRecords.userRecords(record.data())));
            }
            if (!records.isEmpty()) {
                position = new ShardPosition.AfterRecord(
                        records.get(records.size() - 1).sequenceNumber());
            }
            boolean endOfShard = iterator == null;
            if (records.isEmpty() && !endOfShard) {
                scheduleNextPoll();
            } else {
                deliver(records, endOfShard);
            }
        }

        private void deliver(List<FetchedRecord> records, boolean endOfShard) {
            if (endOfShard) {
                millisBehindLatest = 0;
                fetchers.remove(shardId);
            }
            batches.accept(new FetchedBatch(shardId, records, endOfShard, clock.millis()));
        }

        private void failed(KinesisProxyException e) {
            failuresInARow++;
            switch (e.kind()) {
                case THROTTLED -> {
                    metrics.throttledReads.inc();
                    pace.throttled();
                    retry(e, failuresInARow >= THROTTLED_TO_WARN);
                }
                case TEMPORARY -> {
                    metrics.failedReads.inc();
                    retry(e, true);
                }
                case ITERATOR_EXPIRED -> {
                    metrics.expiredIterators.inc();
                    iterator = null;
                    retry(e, failuresInARow > 1);
                }
                case INVALID_ARGUMENT -> invalidArgument(e);
                case NOT_FOUND -> notFound(e);
                case FATAL -> giveUp(e);
            }
        }

        private void retry(KinesisProxyException e, boolean warn) {
            long delayMillis = backoff.delayMillis(failuresInARow);
            // at 1, 2, 4, 8... failures, so that a long outage does not flood the log
            if (warn && Integer.bitCount(failuresInARow) == 1) {
                LOG.warn(
                        "Reading shard {} failed {} times in a row and is tried again: {}",
                        shardId,
                        failuresInARow,
                        e.getMessage());
            } else {
                LOG.debug("Reading shard {} is tried again in {} ms", shardId, delayMillis, e);
            }
            scheduleIn(delayMillis);
        }

        private void invalidArgument(KinesisProxyException e) {
            if (iterator != null) {
                metrics.failedReads.inc();
                iterator = null;
                retry(e, true);
            } else if (position instanceof ShardPosition.AtTimestamp at
                    && at.timestamp().isAfter(clock.instant().minus(KinesisSource.MAX_CLOCK_SKEW))) {
                // Kinesis refuses times that lie in the future by its own clock
                metrics.failedReads.inc();
                retry(e, true);
            } else {
                giveUp(new KinesisProxyException(
                        Kind.FATAL,
                        "Shard " + shardId + " has no position " + position + ", so the stream is not the one that the"
                                + " job's state was taken from; start the job without state, or restore a savepoint"
                                + " of this stream: "
                                + e.getMessage(),
                        e));
            }
        }

        /** Tells an expired shard, which is at its end, from a deleted stream, which is an error. */
        private void notFound(KinesisProxyException e) {
            List<ShardInfo> listing;
            try {
                listing = proxy.listShards(null);
            } catch (KinesisProxyException listingFailed) {
                switch (listingFailed.kind()) {
                    case NOT_FOUND, FATAL, INVALID_ARGUMENT -> giveUp(listingFailed);
                    case THROTTLED, TEMPORARY, ITERATOR_EXPIRED -> {
                        metrics.failedReads.inc();
                        retry(listingFailed, true);
                    }
                }
                return;
            }
            if (listing.stream().anyMatch(shard -> shard.shardId().equals(shardId))) {
                metrics.failedReads.inc();
                iterator = null;
                retry(e, true);
                return;
            }
            metrics.expiredShards.inc();
            LOG.warn(
                    "Shard {} has expired at {}: what it still held is lost, because it was read later than the stream's"
                            + " retention allows",
                    shardId,
                    position);
            deliver(List.of(), true);
        }

        private void giveUp(KinesisProxyException e) {
            fetchers.remove(shardId);
            failures.accept(e);
        }
    }
}
