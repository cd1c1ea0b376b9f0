package io.taxistream.embeddedkinesis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kinesis Data Streams endpoint on the loopback interface, over plain HTTP and over TLS, by HTTP/1.1 and HTTP/2, which keeps
 * its records in temporary files.
 *
 * <pre>{@code
 * try (EmbeddedKinesis kinesis = EmbeddedKinesis.builder().enforceLimits(false).start()) {
 *     kinesis.createStream("trips", 8);
 *     // clients talk to kinesis.httpEndpoint() or kinesis.httpsEndpoint(), with any credentials
 *     kinesis.updateShardCount("trips", 16);
 *     List<UserRecord> all = kinesis.userRecords("trips");
 * }
 * }</pre>
 *
 * <p>The methods of this class act at once and without limits; for the service's own pace, call the operations of the API.
 * They are thread-safe, and throw {@link IllegalArgumentException} where the service would refuse: no such stream or
 * shard, a name taken, a hash key out of range. Methods that read records throw {@link UncheckedIOException} if the disk
 * fails.
 */
public final class EmbeddedKinesis implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKinesis.class);

    private final Clock clock;
    private final StreamRegistry registry;
    private final KinesisHttpHandler handler;
    private final Subscriptions subscriptions;
    private final ExecutorService workers;
    private final EndpointServers servers;
    private final X509Certificate certificate;
    private final SegmentStore store;
    private final Failures failures;

    private EmbeddedKinesis(Builder builder) throws IOException {
        clock = builder.clock;
        failures = new Failures(builder.onFailure);
        SelfSignedCertificate own = newCertificate();
        certificate = own.certificate();
        store = SegmentStore.open(builder.storageFolder, builder.maxStorageBytes);
        try {
            servers = EndpointServers.create(builder.httpPort, builder.httpsPort, sslContext(own), failures);
        } catch (IOException e) {
            store.close();
            throw e;
        }
        registry = new StreamRegistry(clock, builder.region, builder.transitionDelay, store);
        KinesisApi api = new KinesisApi(
                registry, clock, builder.iteratorLifetime, builder.enforceLimits, builder.random, failures);
        workers = Executors.newCachedThreadPool(daemons(failures.threads()));
        subscriptions = new Subscriptions(
                new Subscription.Settings(
                        clock, builder.subscriptionLifetime.toMillis(), builder.enforceLimits, failures),
                workers,
                daemons(failures.threads()));
        handler = new KinesisHttpHandler(api, builder.faults, subscriptions, workers, failures);
        servers.start(handler);
    }

    /** Returns the settings of an endpoint, all of which have defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the address for plain HTTP/1.1 and HTTP/2, such as {@code http://127.0.0.1:4567}. */
    public URI httpEndpoint() {
        return URI.create("http://127.0.0.1:" + servers.httpPort());
    }

    /** Returns the address for HTTP/1.1 and HTTP/2 over TLS, with {@link #certificate}. */
    public URI httpsEndpoint() {
        return URI.create("https://127.0.0.1:" + servers.httpsPort());
    }

    /** Returns the self-signed certificate of this run, for clients that should trust it and nothing else. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** Creates a stream that is active at once. */
    public void createStream(String stream, int shardCount) {
        refusedAsIllegalArgument(() -> registry.create(stream, shardCount).finishChange(clock.millis()));
    }

    /** Registers a consumer with enhanced fan-out that is active at once, and returns its ARN. */
    public String registerStreamConsumer(String stream, String consumer) {
        return refusedAsIllegalArgument(() -> stream(stream)
                .consumers()
                .register(consumer, Duration.ZERO, false, clock.millis())
                .arn());
    }

    /** Splits an open shard in the middle of its hash key range. */
    public void splitShard(String stream, String shardId) {
        ShardDescription shard = shards(stream).stream()
                .filter(candidate -> candidate.shardId().equals(shardId))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(stream + " has no shard " + shardId));
        splitShard(stream, shardId, new HashKeyRange(shard.startingHashKey(), shard.endingHashKey()).middle());
    }

    /** Splits an open shard in two, the second starting at a hash key. */
    public void splitShard(String stream, String shardId, BigInteger newStartingHashKey) {
        change(stream, (changed, now) -> changed.split(shardId, newStartingHashKey, now));
    }

    /** Merges two open shards whose hash key ranges are adjacent. */
    public void mergeShards(String stream, String shardId, String adjacentShardId) {
        change(stream, (changed, now) -> changed.merge(shardId, adjacentShardId, now));
    }

    /** Splits and merges until the stream has this many open shards of equal size. */
    public void updateShardCount(String stream, int shardCount) {
        change(stream, (changed, now) -> changed.scaleTo(shardCount, now));
    }

    /**
     * Puts a record into the open shard that has a hash key.
     *
     * @throws IllegalStateException if {@link Builder#maxStorageBytes} is reached
     * @throws UncheckedIOException if the record cannot be written to disk
     */
    public void putRecord(String stream, String partitionKey, BigInteger explicitHashKey, byte[] data) {
        long now = clock.millis();
        EmbeddedStream taking = stream(stream);
        byte[] key = partitionKey.getBytes(StandardCharsets.UTF_8);
        taking.withShardOf(explicitHashKey, now, shard -> {
            String sequenceNumber = shard.append(taking.positions(), now, key, data);
            taking.countWritten(key.length + data.length);
            return sequenceNumber;
        });
    }

    /**
     * Drops the records that arrived before a time and the shards that were closed before it, as at the end of their
     * retention period.
     */
    public void trim(String stream, Instant before) {
        stream(stream).trimBefore(before.toEpochMilli(), clock.millis());
    }

    /**
     * Drops the records of one shard before a sequence number, which frees their disk space. For readers that know how
     * far they will never read again, such as a job with a completed checkpoint. A reader that asks for a trimmed
     * record all the same is given the next one, and counted in {@link StreamStatistics#readsOfTrimmedRecords}.
     *
     * @param sequenceNumber number of the first record to keep, or any number between it and the record before
     */
    public void trim(String stream, String shardId, String sequenceNumber) {
        EmbeddedStream trimmed = stream(stream);
        EmbeddedShard shard = shard(stream, shardId);
        long position = shard.positionOf(sequenceNumber)
                .orElseThrow(() -> new IllegalArgumentException(
                        "sequence number " + sequenceNumber + " is not one of shard " + shardId + " of " + stream));
        trimmed.countTrimmed(shard.trimTo(position));
    }

    /** Returns the stream's shards that can still be read, open and closed, by age. */
    public List<ShardDescription> shards(String stream) {
        return stream(stream).view(clock.millis()).shards().stream()
                .map(ShardDescription::of)
                .toList();
    }

    /**
     * Returns the number of a shard's records after those read last, by any reader: the lag of a stream's only reader.
     */
    public int recordsBehind(String stream, String shardId) {
        return (int) Math.min(Integer.MAX_VALUE, shard(stream, shardId).recordsBehind());
    }

    /**
     * The sequence number at which the last read of a shard ended, by GetRecords or for a subscription: its records were
     * before this, or the shard's starting sequence number if none were read. A job has not necessarily processed them. To be noted before a
     * checkpoint, and given to {@link #trim(String, String, String)} once the checkpoint after it is complete.
     */
    public String readPosition(String stream, String shardId) {
        EmbeddedShard shard = shard(stream, shardId);
        return shard.sequenceNumberAt(shard.readPosition());
    }

    /**
     * Hands over the records of one shard in order, as many as it has now, from disk and with little memory. The shard
     * can be written to and read meanwhile.
     */
    public void forEachRecord(String stream, String shardId, Consumer<StoredRecord> consumer) {
        EmbeddedShard shard = shard(stream, shardId);
        shard.forEach((RecordLog.Entry entry) -> consumer.accept(copy(shard, entry)));
    }

    /** The records of one shard in order, copied into memory; for large streams {@link #forEachRecord}. */
    public List<StoredRecord> records(String stream, String shardId) {
        List<StoredRecord> records = new ArrayList<>();
        forEachRecord(stream, shardId, records::add);
        return records;
    }

    /** The last records of one shard in order, as many as it has up to a number, copied into memory. */
    public List<StoredRecord> lastRecords(String stream, String shardId, int maxRecords) {
        EmbeddedShard shard = shard(stream, shardId);
        List<StoredRecord> records = new ArrayList<>();
        shard.forEachOfLast(maxRecords, (RecordLog.Entry entry) -> records.add(copy(shard, entry)));
        return records;
    }

    /** The producers' records of all shards, taken out of aggregated ones, shard by shard. */
    public List<UserRecord> userRecords(String stream) {
        return shards(stream).stream()
                .flatMap(shard -> records(stream, shard.shardId()).stream())
                .flatMap(record -> record.userRecords().stream())
                .toList();
    }

    /** Returns the stream's counters and the space that it takes. */
    public StreamStatistics statistics(String stream) {
        return stream(stream).statistics(clock.millis());
    }

    /** Stops the endpoint at once, closes its connections and deletes its streams. */
    @Override
    public void close() {
        failures.close();
        subscriptions.close();
        handler.closeUnanswered();
        servers.stop();
        workers.shutdownNow();
        store.close();
    }

    /** How many subscriptions to shards are live. */
    int subscriptions() {
        return subscriptions.count();
    }

    private EmbeddedStream stream(String name) {
        return registry.find(name).orElseThrow(() -> new IllegalArgumentException("there is no stream " + name));
    }

    private EmbeddedShard shard(String stream, String shardId) {
        return stream(stream)
                .shard(shardId, clock.millis())
                .orElseThrow(() -> new IllegalArgumentException(stream + " has no shard " + shardId));
    }

    private static StoredRecord copy(EmbeddedShard shard, RecordLog.Entry entry) {
        return new StoredRecord(
                shard.sequenceNumberAt(entry.position()),
                Instant.ofEpochMilli(entry.arrivalMillis()),
                entry.partitionKey(),
                entry.data());
    }

    private void change(String streamName, StreamChange change) {
        refusedAsIllegalArgument(() -> {
            EmbeddedStream stream = registry.get(streamName);
            long now = clock.millis();
            stream.changeAtOnce(() -> change.begin(stream, now), now);
        });
    }

    @FunctionalInterface
    private interface StreamChange {
        void begin(EmbeddedStream stream, long nowMillis);
    }

    private static <T> T refusedAsIllegalArgument(Supplier<T> action) {
        try {
            return action.get();
        } catch (KinesisException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static void refusedAsIllegalArgument(Runnable action) {
        try {
            action.run();
        } catch (KinesisException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static SelfSignedCertificate newCertificate() throws IOException {
        try {
            return SelfSignedCertificate.create(Instant.now());
        } catch (GeneralSecurityException e) {
            throw new IOException("this Java platform cannot make a certificate for the endpoint", e);
        }
    }

    private static SSLContext sslContext(SelfSignedCertificate own) throws IOException {
        try {
            char[] noPassword = new char[0];
            KeyStore keyStore = KeyStore.getInstance("PKCS12");
            keyStore.load(null, noPassword);
            keyStore.setKeyEntry(
                    "kinesis", own.keyPair().getPrivate(), noPassword, new Certificate[] {own.certificate()});
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keyManagers.init(keyStore, noPassword);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("this Java platform cannot serve the endpoint over TLS", e);
        }
    }

    private static ThreadFactory daemons(ThreadGroup threads) {
        return task -> {
            Thread thread = new Thread(threads, task, threads.getName());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Settings of an endpoint. Not thread-safe. */
    public static final class Builder {

        private int httpPort;
        private int httpsPort;
        private String region = "us-east-1";
        private boolean enforceLimits = true;
        private Clock clock = Clock.systemUTC();
        private Random random = new Random();
        private Duration transitionDelay = Duration.ofMillis(200);
        private Duration iteratorLifetime = Duration.ofMinutes(5);
        private Duration subscriptionLifetime = Duration.ofMinutes(5);
        private FaultInjector faults = FaultInjector.none();
        private Path storageFolder = Path.of(System.getProperty("java.io.tmpdir"));
        private long maxStorageBytes = SegmentStore.UNLIMITED;
        private Consumer<Throwable> onFailure = failure -> LOG.error("The embedded Kinesis has failed", failure);

        private Builder() {}

        /** Port for plain HTTP; 0, the default, means any free one. */
        public Builder httpPort(int port) {
            this.httpPort = port;
            return this;
        }

        /** Port for TLS; 0, the default, means any free one. */
        public Builder httpsPort(int port) {
            this.httpsPort = port;
            return this;
        }

        /** The region in the streams' ARNs; requests for any region are answered. Default us-east-1. */
        public Builder region(String name) {
            this.region = name;
            return this;
        }

        /**
         * Whether shards take 1 MB and 1,000 records and give 2 MB and 5 calls a second, and calls and shard counts are
         * limited as the service's are by default. Default true. The size of records and requests is always limited.
         */
        public Builder enforceLimits(boolean enforce) {
            this.enforceLimits = enforce;
            return this;
        }

        /** Clock for arrival times, reshards, iterators, subscriptions, limits and retention. Default the system's. */
        public Builder clock(Clock newClock) {
            this.clock = newClock;
            return this;
        }

        /** Source of randomness for the records that a partly throttled PutRecords call refuses. */
        public Builder random(Random newRandom) {
            this.random = newRandom;
            return this;
        }

        /** Time that a stream is CREATING, DELETING, and UPDATING in each round of a reshard. Default 200 ms. */
        public Builder transitionDelay(Duration delay) {
            this.transitionDelay = delay;
            return this;
        }

        /** Lifetime of a shard iterator. Default 5 minutes. */
        public Builder iteratorLifetime(Duration lifetime) {
            this.iteratorLifetime = lifetime;
            return this;
        }

        /** Time after which a subscription to a shard ends, to be renewed by the consumer. Default 5 minutes. */
        public Builder subscriptionLifetime(Duration lifetime) {
            this.subscriptionLifetime = lifetime;
            return this;
        }

        /** Faults to inject. Default none. */
        public Builder faults(FaultInjector injector) {
            this.faults = injector;
            return this;
        }

        /**
         * The existing folder in which records are stored, in files that only the owner can read and that disappear
         * when the process ends, even if it is killed. Default the system's folder for temporary files.
         */
        public Builder storageFolder(Path folder) {
            this.storageFolder = folder;
            return this;
        }

        /**
         * Maximum number of bytes on disk for the records of all streams. When this is reached, records are refused as
         * throttled ({@code ProvisionedThroughputExceededException} with a message that names this limit) until others
         * have been trimmed or have outlived their retention period; nothing that was stored is dropped. Files of 64 MiB,
         * or a sixteenth of the limit if that is less, are freed as a whole. Default unlimited.
         *
         * @throws IllegalArgumentException if the limit is not positive
         */
        public Builder maxStorageBytes(long bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("maxStorageBytes must be 1 or more, but is " + bytes);
            }
            this.maxStorageBytes = bytes;
            return this;
        }

        /**
         * Callback for failures that the endpoint cannot recover from: records cannot be written to disk or read back (an
         * {@link UncheckedIOException} whose message says where and what to do), or any {@link Error} in one of its
         * threads, such as {@link OutOfMemoryError}. The call in question is answered with an InternalFailure, or not
         * at all, and the endpoint continues. Called from several threads, possibly often, until the endpoint is closed.
         * Default: the failure is logged.
         */
        public Builder onFailure(Consumer<Throwable> callback) {
            this.onFailure = callback;
            return this;
        }

        /**
         * Starts the endpoint, which answers when this returns.
         *
         * @throws IOException if a port is taken, or the storage folder cannot be written to
         */
        public EmbeddedKinesis start() throws IOException {
            return new EmbeddedKinesis(this);
        }
    }
}
