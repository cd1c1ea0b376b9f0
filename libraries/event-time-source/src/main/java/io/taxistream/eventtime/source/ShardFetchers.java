package io.taxistream.eventtime.source;

import io.taxistream.eventtime.source.FetchedBatch.FetchedRecord;
import java.time.Clock;
import java.time.Duration;
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
 * Polls the shards of a reader with a shared pool of threads.
 *
 * <p>A shard is read again when its previous batch has been taken and its pace allows. Temporary failures are retried for as
 * long as they last; a permanent failure is reported once and the shard is abandoned.
 */
final class ShardFetchers implements BatchReader {

    private static final Logger LOG = LoggerFactory.getLogger(ShardFetchers.class);

    private static final String THREAD_NAME = "kinesis-shard-fetcher";

    /** Delay before the first retry of a failed read. */
    static final Duration FIRST_RETRY = Duration.ofMillis(200);

    private final KinesisProxy proxy;
    private final ReadOptions options;
    private final ReadMetrics metrics;
    private final Clock clock;
    private final ReadFailures readFailures;
    private final Consumer<FetchedBatch> batches;
    private final Consumer<Throwable> failures;
    private final ScheduledThreadPoolExecutor executor;
    private final Map<String, Fetcher> fetchers = new ConcurrentHashMap<>();

    /**
     * @param batches receives the results of reads, on any thread
     * @param failures receives permanent failures, on any thread
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
        this.readFailures = new ReadFailures(proxy, metrics, clock, FIRST_RETRY, options.maxRetryDelay(), random);
        this.batches = batches;
        this.failures = failures;
        this.executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, THREAD_NAME);
            thread.setDaemon(true);
            return thread;
        });
        this.executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public void start(String shardId, ShardPosition position) {
        Fetcher fetcher = new Fetcher(shardId, position);
        fetchers.put(shardId, fetcher);
        metrics.registerShard(shardId, () -> fetcher.millisBehindLatest);
        executor.setCorePoolSize(Math.min(options.maxReadThreads(), fetchers.size()));
        fetcher.scheduleIn(0);
    }

    @Override
    public void taken(String shardId) {
        Fetcher fetcher = fetchers.get(shardId);
        if (fetcher != null) {
            fetcher.scheduleNextPoll();
        }
    }

    /** Stops all reading. Reads in progress are aborted, their results are discarded, and the threads end. */
    @Override
    public void close() {
        executor.shutdownNow();
        proxy.close();
        Shutdown.await(executor, THREAD_NAME);
    }

    /** Fetcher of one shard. Its steps run one after the other, so its fields need no lock. */
    private final class Fetcher implements Runnable {
        private final String shardId;
        private final AdaptivePollInterval interval;
        private ShardPosition position;

        private @Nullable String iterator;

        private int failuresInARow;
        private volatile long lastPollNanos;
        private volatile long millisBehindLatest;

        Fetcher(String shardId, ShardPosition position) {
            this.shardId = shardId;
            this.position = position;
            this.interval = new AdaptivePollInterval(options.pollInterval().toMillis());
        }

        void scheduleNextPoll() {
            long sincePoll = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastPollNanos);
            scheduleIn(Math.max(0, interval.intervalMillis() - sincePoll));
        }

        @SuppressWarnings("FutureReturnValueIgnored") // run() reports all failures itself
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
                LOG.debug("Reading shard {} again after {} failed attempts", shardId, failuresInARow);
                failuresInARow = 0;
            }
            interval.succeeded(page.records().stream()
                    .mapToLong(record -> record.data().remaining())
                    .sum());
            iterator = page.nextShardIterator();
            millisBehindLatest = page.millisBehindLatest();
            List<FetchedRecord> records = FetchedRecord.of(page.records());
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
            boolean atPosition = iterator == null;
            switch (e.kind()) {
                case THROTTLED -> interval.throttled();
                case ITERATOR_EXPIRED, INVALID_ARGUMENT, NOT_FOUND -> iterator = null;
                case TEMPORARY, IN_USE, FATAL -> {
                    // the iterator is still valid
                }
            }
            ReadFailures.Outcome outcome = readFailures.outcome(e, shardId, position, atPosition, failuresInARow);
            if (outcome instanceof ReadFailures.Outcome.Retry retry) {
                scheduleIn(retry.delayMillis());
            } else if (outcome instanceof ReadFailures.Outcome.Expired) {
                deliver(List.of(), true);
            } else if (outcome instanceof ReadFailures.Outcome.GiveUp giveUp) {
                fetchers.remove(shardId);
                failures.accept(giveUp.cause());
            }
        }
    }
}
