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
 * Reads a Kinesis data stream whose records carry watermarks, each shard in the order of its records, without a record
 * behind a watermark through splits, merges, failures and changes of parallelism.
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
 * smallest of all shards, so that it does not move before each shard has had one; a shard without any holds it back for as
 * long as it is open. Idleness is never declared. The strategy given to Flink must therefore make no watermarks of its
 * own. Shards wait for each other by {@link Builder#maxReadAhead}; {@code
 * WatermarkStrategy.noWatermarks().withWatermarkAlignment(...)} is there to align them with other sources, and is obeyed
 * except where a reshard would never end.
 *
 * <p>With checkpoints, records take effect exactly once. Positions inside aggregated records are part of the state.
 *
 * <p>Credentials come from the default chain of the AWS SDK. The calls are {@code kinesis:DescribeStreamSummary}, {@code
 * kinesis:ListShards}, {@code kinesis:GetShardIterator} and {@code kinesis:GetRecords}; with {@link EnhancedFanOut}, {@code
 * kinesis:DescribeStreamConsumer}, {@code kinesis:RegisterStreamConsumer} and {@code kinesis:SubscribeToShard} in place of
 * the last two. What may pass, such as throttling,
 * an error of the service or a broken connection, is retried for as long as it lasts. A stream that does not exist, has
 * been deleted or created again, and denied access fail the job with a line that says so.
 *
 * <p>Metrics beside the standard ones of Flink sources, in the group {@code kinesis}: {@code throttledReads}, {@code
 * failedReads}, {@code expiredIterators}, {@code subscriptions}, {@code expiredShards}, {@code implausibleWatermarks}, and
 * for each shard that is being read, in the group {@code shardId}, {@code millisBehindLatest}, {@code watermark} and {@code
 * heldBackMillis}; of each of several parts, in the group {@code part}, {@code watermark}. The number of pending records is
 * not reported, as Kinesis does not tell it.
 *
 * @param <T> type of the elements
 */
public final class KinesisSource<T> implements Source<T, ShardSplit, EnumeratorState>, ResultTypeQueryable<T> {

    /** How far the clocks of this machine and of Kinesis may be apart; AWS refuses signatures beyond it. */
    static final Duration MAX_CLOCK_SKEW = Duration.ofMinutes(5);

    /** As {@link Builder#maxReadAhead}: shards never wait for each other. */
    public static final Duration UNLIMITED_READ_AHEAD = Duration.ofMillis(Long.MAX_VALUE);

    /** Longest time to connect to Kinesis unless the builder is told otherwise. */
    public static final String DEFAULT_CONNECT_TIMEOUT = "5s";

    /** Longest silence of Kinesis within a call unless the builder is told otherwise. */
    public static final String DEFAULT_READ_TIMEOUT = "15s";

    /** Longest time of a call to Kinesis unless the builder is told otherwise. */
    public static final String DEFAULT_CALL_TIMEOUT = "60s";

    /** Longest wait before a read that failed is tried again unless the builder is told otherwise. */
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
     * A builder of a source of a stream whose senders add {@linkplain io.taxistream.eventtime.WatermarkRecord watermark
     * records}. All other records are read by a schema.
     *
     * @param eventTime the time of an element, milliseconds since the epoch; it is also given the time when its record arrived
     */
    public static <T> Builder<T> builder(DeserializationSchema<T> schema, SerializableTimestampAssigner<T> eventTime) {
        return builder(new EventTimeDeserializer<>(schema, eventTime));
    }

    /** A builder of a source whose records, watermarks among them, are read by the given deserializer. */
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
     * Where every shard begins. "Latest" is settled here, once: a shard that is found later, or by a restored job, then
     * begins where its parents ended and not at its own latest record.
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
     * Collects what a source needs to know; stream and region have to be given, all else has a default.
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

        /** Name or ARN of the stream. */
        public Builder<T> stream(String nameOrArn) {
            this.stream = nameOrArn;
            return this;
        }

        /** AWS region, such as {@code eu-west-1}; default: the one in the stream's ARN. */
        public Builder<T> region(String region) {
            this.region = region;
            return this;
        }

        /**
         * An endpoint in place of the region's own, such as {@code https://localhost:4567}; default: none. Certificates are
         * verified, except those of this machine itself.
         */
        public Builder<T> endpoint(@Nullable URI endpoint) {
            this.endpoint = endpoint;
            return this;
        }

        /** Where a job without state begins; default: {@link InitialPosition.Latest}. */
        public Builder<T> initialPosition(InitialPosition position) {
            this.initialPosition = Objects.requireNonNull(position, "position");
            return this;
        }

        /**
         * How shards are read; default: {@link Polling}. A job may change it whenever it is restored.
         *
         * <p>With {@link EnhancedFanOut}, intervals and sizes of reads do not apply: a reader keeps up to two events of each
         * of its shards in memory.
         */
        public Builder<T> consumer(ConsumerType type) {
            this.consumer = Objects.requireNonNull(type, "type");
            return this;
        }

        /**
         * Time between the starts of two reads of a shard; default: 250 ms. A shard allows five reads a second to all of its
         * consumers together; while it throttles, it is read less often.
         *
         * @throws IllegalArgumentException if it is shorter than 200 ms
         */
        public Builder<T> pollInterval(Duration interval) {
            this.pollInterval = atLeast(interval, 200, "pollInterval");
            return this;
        }

        /**
         * The most Kinesis records that one read brings; default: 10,000, which is also what Kinesis allows. A reader keeps up
         * to two reads of each of its shards in memory, and one brings 10 MiB at most.
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
         * The most threads that one reader reads its shards with; default: 16. It has no more than shards.
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
         * Time between two listings of the shards; default: 10 s. They are also listed when a shard ends.
         *
         * @throws IllegalArgumentException if it is shorter than 100 ms
         */
        public Builder<T> discoveryInterval(Duration interval) {
            this.discoveryInterval = atLeast(interval, 100, "discoveryInterval");
            return this;
        }

        /**
         * How often readers report their watermarks and learn how far all shards have come; default: 100 ms. At most twice this
         * time is added to the latency of watermarks, not of records.
         *
         * @throws IllegalArgumentException if it is shorter than 10 ms
         */
        public Builder<T> watermarkInterval(Duration interval) {
            this.watermarkInterval = atLeast(interval, 10, "watermarkInterval");
            return this;
        }

        /**
         * How far, in event time, a shard may be read ahead of the slowest; default: 3 hours. What is read ahead waits in open
         * windows, so this bounds their number when a shard is hours behind. A shard that has to wait loses nothing, as Kinesis
         * keeps its records. Where a shard has no watermark at all, every other waits at the first event after its own first
         * watermark. A shard that waits for a minute is logged.
         *
         * @param drift event time; {@link KinesisSource#UNLIMITED_READ_AHEAD} to let shards never wait
         * @throws IllegalArgumentException if it is shorter than 1 ms
         */
        public Builder<T> maxReadAhead(Duration drift) {
            this.maxReadAhead = atLeast(drift, 1, "maxReadAhead");
            return this;
        }

        /**
         * How far a watermark may be beyond the newest event of the stream; default: 1 day. One that is further, and more than
         * five minutes beyond the clock, was not written by a sender that keeps its promise: it is counted and ignored, and
         * the deserializer is told so. Watermarks of the past are always plausible, and so are all before the first event.
         *
         * <p>Choose it longer than the longest gap between two events of a replay that runs ahead of the clock.
         *
         * @throws IllegalArgumentException if it is shorter than 1 minute
         */
        public Builder<T> maxWatermarkAdvance(Duration advance) {
            this.maxWatermarkAdvance = atLeast(advance, 60_000, "maxWatermarkAdvance");
            return this;
        }

        /**
         * Credentials that calls are signed with; default: the SDK's default chain. Job manager and task managers fetch them,
         * each for itself, and renew them before they end. For a stream of another account, assume a role of that account
         * with {@link CredentialsSource.AssumedRole}.
         */
        public Builder<T> credentials(CredentialsSource source) {
            this.credentials = Objects.requireNonNull(source, "source");
            return this;
        }

        /**
         * Longest time to connect to Kinesis; default: 5 s.
         *
         * @throws IllegalArgumentException if it is shorter than 10 ms
         */
        public Builder<T> connectTimeout(Duration timeout) {
            this.connectTimeout = atLeast(timeout, 10, "connectTimeout");
            return this;
        }

        /**
         * Longest silence of Kinesis while an answer is awaited; default: 15 s.
         *
         * @throws IllegalArgumentException if it is shorter than 10 ms
         */
        public Builder<T> readTimeout(Duration timeout) {
            this.readTimeout = atLeast(timeout, 10, "readTimeout");
            return this;
        }

        /**
         * Longest time of a call to Kinesis, from its signature to the last byte of the answer; default: 60 s. A call that takes
         * longer counts as failed and is tried again.
         *
         * @throws IllegalArgumentException if it is shorter than 10 ms
         */
        public Builder<T> callTimeout(Duration timeout) {
            this.callTimeout = atLeast(timeout, 10, "callTimeout");
            return this;
        }

        /**
         * Longest wait before a read that failed is tried again; default: 10 s. The first is 200 ms, and each is twice as long as
         * the one before. Failures that may pass are retried for as long as they last.
         *
         * @throws IllegalArgumentException if it is shorter than 200 ms
         */
        public Builder<T> maxRetryDelay(Duration delay) {
            this.maxRetryDelay = atLeast(delay, ShardFetchers.FIRST_RETRY.toMillis(), "maxRetryDelay");
            return this;
        }

        /**
         * Makes the source.
         *
         * @throws IllegalArgumentException if the stream or the region is missing, or the call timeout is shorter than one of the
         *     others
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
