package io.taxistream.eventtime.source;

import io.taxistream.credentials.CredentialsSource;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.apache.flink.api.common.eventtime.SerializableTimestampAssigner;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.TimeUtils;
import org.jspecify.annotations.Nullable;

/**
 * Reads a Kinesis data stream whose records carry watermarks. Each shard is read in order, and no watermark overtakes a record
 * across splits, merges, failures and changes of parallelism.
 *
 * <pre>{@code
 * KinesisSource<Reading> source = KinesisSource.builder(new ReadingSchema(), (reading, arrival) -> reading.timeMillis())
 *         .stream("readings")
 *         .region("eu-west-1")
 *         .initialPosition(new InitialPosition.TrimHorizon())
 *         .build();
 * env.fromSource(source, WatermarkStrategy.noWatermarks(), "Kinesis").uid("kinesis");
 * }</pre>
 *
 * <p>The watermarks are those that the {@link RecordDeserializer} finds in the records. The watermark of the source is the
 * minimum over all shards: it does not advance before each shard has received one, and an open shard without watermarks holds
 * it back. The source never declares idleness. The strategy given to Flink must therefore not generate watermarks. Shards are
 * aligned by {@link Builder#maxReadAhead}. To align them with other sources, use {@code
 * WatermarkStrategy.noWatermarks().withWatermarkAlignment(...)}, which the source respects unless it would block a reshard
 * forever.
 *
 * <p>With checkpoints, records take effect exactly once. The state includes positions inside aggregated records.
 *
 * <p>Credentials come from the default chain of the AWS SDK unless {@link Builder#credentials} is called. The required
 * permissions are {@code kinesis:DescribeStreamSummary}, {@code kinesis:ListShards}, {@code kinesis:GetShardIterator} and
 * {@code kinesis:GetRecords}; with {@link EnhancedFanOut}, the last two are replaced by {@code kinesis:DescribeStreamConsumer},
 * {@code kinesis:RegisterStreamConsumer} and {@code kinesis:SubscribeToShard}. Temporary failures, such as throttling, service
 * errors or broken connections, are retried for as long as they last. Denied access and a stream that does not exist or was
 * deleted or recreated fail the job with a one-line message.
 *
 * <p>In addition to the standard metrics of Flink sources, the group {@code kinesis} contains {@code throttledReads}, {@code
 * failedReads}, {@code expiredIterators}, {@code subscriptions}, {@code expiredShards} and {@code implausibleWatermarks}. Its
 * subgroup {@code shardId} contains {@code millisBehindLatest}, {@code watermark} and {@code heldBackMillis} for each shard
 * that is being read; its subgroup {@code part} contains {@code watermark} for each part of a stream with several senders. The
 * number of pending records is not reported, because Kinesis does not provide it.
 *
 * @param <T> type of the elements
 */
public final class KinesisSource<T> implements Source<T, ShardSplit, EnumeratorState>, ResultTypeQueryable<T> {

    /** Maximum clock skew between this machine and Kinesis; AWS rejects signatures beyond it. */
    static final Duration MAX_CLOCK_SKEW = Duration.ofMinutes(5);

    /** Value of {@link Builder#maxReadAhead} for shards that never wait for each other. */
    public static final Duration UNLIMITED_READ_AHEAD = Duration.ofMillis(Long.MAX_VALUE);

    /** Default of {@link Builder#connectTimeout}. */
    public static final String DEFAULT_CONNECT_TIMEOUT = "5s";

    /** Default of {@link Builder#readTimeout}. */
    public static final String DEFAULT_READ_TIMEOUT = "15s";

    /** Default of {@link Builder#callTimeout}. */
    public static final String DEFAULT_CALL_TIMEOUT = "60s";

    /** Default of {@link Builder#maxRetryDelay}. */
    public static final String DEFAULT_MAX_RETRY_DELAY = "10s";

    private final KinesisProxy.Factory proxies;
    private final RecordDeserializer<T> deserializer;
    private final InitialPosition initialPosition;
    private final ReadOptions options;

    KinesisSource(
            KinesisProxy.Factory proxies,
            RecordDeserializer<T> deserializer,
            InitialPosition initialPosition,
            ReadOptions options) {
        this.proxies = proxies;
        this.deserializer = deserializer;
        this.initialPosition = initialPosition;
        this.options = options;
    }

    /**
     * Returns a builder for a stream whose senders add {@linkplain io.taxistream.eventtime.WatermarkRecord watermark records}.
     * All other records are read with a schema.
     *
     * @param eventTime extracts the timestamp of an element in milliseconds since the epoch; also receives the arrival time of
     *     its record
     */
    public static <T> Builder<T> builder(DeserializationSchema<T> schema, SerializableTimestampAssigner<T> eventTime) {
        return builder(new EventTimeDeserializer<>(schema, eventTime));
    }

    /** Returns a builder for a source whose records, including watermarks, are read with the given deserializer. */
    public static <T> Builder<T> builder(RecordDeserializer<T> deserializer) {
        return new Builder<>(deserializer);
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public TypeInformation<T> getProducedType() {
        return deserializer.getProducedType();
    }

    @Override
    public SplitEnumerator<ShardSplit, EnumeratorState> createEnumerator(SplitEnumeratorContext<ShardSplit> context) {
        return restoreEnumerator(
                context,
                new EnumeratorState(
                        startPosition(Clock.systemUTC()), EnumeratorState.UNKNOWN, EnumeratorState.UNKNOWN, List.of()));
    }

    @Override
    public SplitEnumerator<ShardSplit, EnumeratorState> restoreEnumerator(
            SplitEnumeratorContext<ShardSplit> context, EnumeratorState state) {
        return new ShardEnumerator(
                context, proxies.create(), options, Clock.systemUTC(), RandomGenerator.getDefault(), state);
    }

    @Override
    public SourceReader<T, ShardSplit> createReader(SourceReaderContext context) {
        return new ShardSourceReader<>(
                context, deserializer, proxies.create(), options, Clock.systemUTC(), RandomGenerator.getDefault());
    }

    @Override
    public SimpleVersionedSerializer<ShardSplit> getSplitSerializer() {
        return new ShardSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<EnumeratorState> getEnumeratorCheckpointSerializer() {
        return new EnumeratorStateSerializer();
    }

    /**
     * Returns the start position of all shards. "Latest" is resolved to a time once, so that shards discovered later, or by a
     * restored job, start where their parents ended and not at their own latest record.
     */
    private ShardPosition startPosition(Clock clock) {
        if (initialPosition instanceof InitialPosition.AtTimestamp at) {
            return new ShardPosition.AtTimestamp(at.timestamp());
        }
        if (initialPosition instanceof InitialPosition.Latest) {
            return new ShardPosition.AtTimestamp(Instant.ofEpochMilli(clock.millis()));
        }
        return new ShardPosition.TrimHorizon();
    }

    /**
     * Builder of a {@link KinesisSource}. Stream and region are required; all other options have defaults.
     *
     * @param <T> type of the elements
     */
    public static final class Builder<T> {

        private final RecordDeserializer<T> deserializer;

        private @Nullable String stream;

        private @Nullable String region;

        private @Nullable URI endpoint;

        private InitialPosition initialPosition = new InitialPosition.Latest();
        private ConsumerType consumer = new Polling();
        private Duration pollInterval = Duration.ofMillis(250);
        private int maxRecordsPerRead = 10_000;
        private int maxReadThreads = 16;
        private Duration discoveryInterval = Duration.ofSeconds(10);
        private Duration watermarkInterval = Duration.ofMillis(100);
        private Duration maxReadAhead = Duration.ofHours(3);
        private Duration maxWatermarkAdvance = Duration.ofDays(1);
        private CredentialsSource credentials = new CredentialsSource.DefaultChain();
        private Duration connectTimeout = TimeUtils.parseDuration(DEFAULT_CONNECT_TIMEOUT);
        private Duration readTimeout = TimeUtils.parseDuration(DEFAULT_READ_TIMEOUT);
        private Duration callTimeout = TimeUtils.parseDuration(DEFAULT_CALL_TIMEOUT);
        private Duration maxRetryDelay = TimeUtils.parseDuration(DEFAULT_MAX_RETRY_DELAY);

        private Builder(RecordDeserializer<T> deserializer) {
            this.deserializer = Objects.requireNonNull(deserializer, "deserializer");
        }

        /** Sets the name or ARN of the stream. */
        public Builder<T> stream(String nameOrArn) {
            this.stream = nameOrArn;
            return this;
        }

        /** Sets the AWS region, such as {@code eu-west-1}. Default: the region in the stream's ARN. */
        public Builder<T> region(String region) {
            this.region = region;
            return this;
        }

        /**
         * Sets an endpoint that replaces that of the region, such as {@code https://localhost:4567}. Default: none.
         * Certificates are verified, except on this machine.
         */
        public Builder<T> endpoint(@Nullable URI endpoint) {
            this.endpoint = endpoint;
            return this;
        }

        /** Sets the start position of a job without state. Default: {@link InitialPosition.Latest}. */
        public Builder<T> initialPosition(InitialPosition position) {
            this.initialPosition = Objects.requireNonNull(position, "position");
            return this;
        }

        /**
         * Sets the method of reading shards. Default: {@link Polling}. It can be changed when a job is restored.
         *
         * <p>With {@link EnhancedFanOut}, the options for intervals and sizes of reads have no effect. A reader buffers up to
         * two events for each of its shards.
         */
        public Builder<T> consumer(ConsumerType type) {
            this.consumer = Objects.requireNonNull(type, "type");
            return this;
        }

        /**
         * Sets the time between the starts of two reads of a shard. Default: 250 ms. A shard allows five reads per second,
         * shared by all of its consumers; a shard that throttles is read less often.
         *
         * @throws IllegalArgumentException if it is shorter than 200 ms
         */
        public Builder<T> pollInterval(Duration interval) {
            this.pollInterval = atLeast(interval, 200, "pollInterval");
            return this;
        }

        /**
         * Sets the maximum number of Kinesis records per read. Default: 10,000, which is also the limit of Kinesis. A reader
         * buffers up to two reads for each of its shards; a read returns at most 10 MiB.
         *
         * @throws IllegalArgumentException if it is not in 1 to 10,000
         */
        public Builder<T> maxRecordsPerRead(int records) {
            if (records < 1 || records > 10_000) {
                throw new IllegalArgumentException("maxRecordsPerRead must be 1 to 10000, but is " + records);
            }
            this.maxRecordsPerRead = records;
            return this;
        }

        /**
         * Sets the maximum number of threads with which a reader reads its shards. Default: 16. A reader never has more threads
         * than shards.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder<T> maxReadThreads(int threads) {
            if (threads < 1) {
                throw new IllegalArgumentException("maxReadThreads must be at least 1, but is " + threads);
            }
            this.maxReadThreads = threads;
            return this;
        }

        /**
         * Sets the time between two listings of the shards. Default: 10 s. Shards are also listed when a shard ends.
         *
         * @throws IllegalArgumentException if it is shorter than 100 ms
         */
        public Builder<T> discoveryInterval(Duration interval) {
            this.discoveryInterval = atLeast(interval, 100, "discoveryInterval");
            return this;
        }

        /**
         * Sets the interval at which readers report their watermarks and receive the common limit. Default: 100 ms. It adds at
         * most twice its length to the latency of watermarks, and nothing to that of records.
         *
         * @throws IllegalArgumentException if it is shorter than 10 ms
         */
        public Builder<T> watermarkInterval(Duration interval) {
            this.watermarkInterval = atLeast(interval, 10, "watermarkInterval");
            return this;
        }

        /**
         * Sets how far, in event time, a shard may be read ahead of the slowest shard. Default: 3 hours. Records read ahead are
         * held in open windows, so this bounds their number when a shard is hours behind. A waiting shard loses nothing,
         * because Kinesis retains its records. If a shard has no watermark at all, every other shard waits at the first event
         * after its own first watermark. A shard that has waited for a minute is logged, as is a part for which the event time
         * of a shard has waited that long.
         *
         * @param drift in event time; {@link KinesisSource#UNLIMITED_READ_AHEAD} for shards that never wait
         * @throws IllegalArgumentException if it is shorter than 1 ms
         */
        public Builder<T> maxReadAhead(Duration drift) {
            this.maxReadAhead = atLeast(drift, 1, "maxReadAhead");
            return this;
        }

        /**
         * Sets how far a watermark may be ahead of the newest event of the stream. Default: 1 day. A watermark that exceeds
         * this and is also more than five minutes ahead of the clock cannot come from a correct sender: it is counted, ignored
         * and reported to the deserializer as implausible. Watermarks in the past are always plausible, and so are all
         * watermarks before the first event.
         *
         * <p>The value must exceed the longest gap between two events of a replay that runs ahead of the clock.
         *
         * <p>This detects mistakes, such as a wrong unit, not false events: any event counts as the newest, and makes watermarks
         * up to it plausible. The source cannot ignore an event that is far ahead of the others, because it may be genuine, such
         * as the last event of a replay, and without its watermark its window would never close.
         *
         * @throws IllegalArgumentException if it is shorter than 1 minute
         */
        public Builder<T> maxWatermarkAdvance(Duration advance) {
            this.maxWatermarkAdvance = atLeast(advance, 60_000, "maxWatermarkAdvance");
            return this;
        }

        /**
         * Sets the credentials that sign calls. Default: the SDK's default chain. The job manager and the task managers each
         * fetch them and renew them before they expire. For a stream of another account, assume a role of that account with
         * {@link CredentialsSource.AssumedRole}.
         */
        public Builder<T> credentials(CredentialsSource source) {
            this.credentials = Objects.requireNonNull(source, "source");
            return this;
        }

        /**
         * Sets the longest time to connect to Kinesis. Default: 5 s.
         *
         * @throws IllegalArgumentException if it is shorter than 10 ms
         */
        public Builder<T> connectTimeout(Duration timeout) {
            this.connectTimeout = atLeast(timeout, 10, "connectTimeout");
            return this;
        }

        /**
         * Sets the longest time without data while waiting for a response. Default: 15 s.
         *
         * @throws IllegalArgumentException if it is shorter than 10 ms
         */
        public Builder<T> readTimeout(Duration timeout) {
            this.readTimeout = atLeast(timeout, 10, "readTimeout");
            return this;
        }

        /**
         * Sets the longest duration of a call, from its signature to the last byte of the response. Default: 60 s. A call that
         * takes longer fails and is retried.
         *
         * @throws IllegalArgumentException if it is shorter than 10 ms
         */
        public Builder<T> callTimeout(Duration timeout) {
            this.callTimeout = atLeast(timeout, 10, "callTimeout");
            return this;
        }

        /**
         * Sets the longest delay before a failed read is retried. Default: 10 s. The delay starts at 200 ms and doubles with
         * each failure. Temporary failures are retried for as long as they last.
         *
         * @throws IllegalArgumentException if it is shorter than 200 ms
         */
        public Builder<T> maxRetryDelay(Duration delay) {
            this.maxRetryDelay = atLeast(delay, ShardFetchers.FIRST_RETRY.toMillis(), "maxRetryDelay");
            return this;
        }

        /**
         * Creates the source.
         *
         * @throws IllegalArgumentException if the stream or the region is missing, or the call timeout is shorter than another
         *     timeout
         */
        public KinesisSource<T> build() {
            return build(new AwsKinesisProxy.Factory(
                    StreamAddress.of(stream, region, endpoint),
                    new CallOptions(credentials, connectTimeout, readTimeout, callTimeout)));
        }

        KinesisSource<T> build(KinesisProxy.Factory proxies) {
            return new KinesisSource<>(
                    proxies,
                    deserializer,
                    initialPosition,
                    new ReadOptions(
                            consumer,
                            pollInterval,
                            maxRecordsPerRead,
                            maxReadThreads,
                            discoveryInterval,
                            watermarkInterval,
                            maxReadAhead,
                            maxWatermarkAdvance,
                            maxRetryDelay));
        }

        private static Duration atLeast(Duration interval, long minMillis, String name) {
            if (interval.toMillis() < minMillis) {
                throw new IllegalArgumentException(
                        name + " must be at least " + minMillis + " ms, but is " + interval.toMillis() + " ms");
            }
            return interval;
        }
    }
}
