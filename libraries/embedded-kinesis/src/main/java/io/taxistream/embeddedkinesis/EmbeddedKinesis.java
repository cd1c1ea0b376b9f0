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
 * Kinesis Data Streams endpoint on the loopback interface that supports HTTP/1.1 and HTTP/2, both in plain text and over TLS,
 * and stores its records in temporary files.
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
 * <p>The methods of this class take effect immediately and are not limited; the operations of the API behave at the pace of the
 * service. The methods are thread-safe and throw {@link IllegalArgumentException} where the service would reject a call: an
 * unknown stream or shard, a name that already exists, a hash key out of range. Methods that read records throw {@link
 * UncheckedIOException} if the disk fails.
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

    /** Returns a builder with default settings. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the plain-text address for HTTP/1.1 and HTTP/2, such as {@code http://127.0.0.1:4567}. */
    public URI httpEndpoint() {
        return URI.create("http://127.0.0.1:" + servers.httpPort());
    }

    /** Returns the TLS address for HTTP/1.1 and HTTP/2, which uses {@link #certificate}. */
    public URI httpsEndpoint() {
        return URI.create("https://127.0.0.1:" + servers.httpsPort());
    }

    /** Returns the self-signed certificate of this instance, for clients that should trust nothing else. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** Creates a stream, which is active immediately. */
    public void createStream(String stream, int shardCount) {
        toIllegalArgument(() -> registry.create(stream, shardCount).finishChange(clock.millis()));
    }

    /** Registers an enhanced fan-out consumer, which is active immediately, and returns its ARN. */
    public String registerStreamConsumer(String stream, String consumer) {
        return toIllegalArgument(() -> stream(stream)
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

    /** Splits an open shard in two, the second of which starts at the given hash key. */
    public void splitShard(String stream, String shardId, BigInteger newStartingHashKey) {
        change(stream, (changed, now) -> changed.split(shardId, newStartingHashKey, now));
    }

    /** Merges two open shards whose hash key ranges are adjacent. */
    public void mergeShards(String stream, String shardId, String adjacentShardId) {
        change(stream, (changed, now) -> changed.merge(shardId, adjacentShardId, now));
    }

    /** Splits and merges shards until the stream has this many open shards of equal size. */
    public void updateShardCount(String stream, int shardCount) {
        change(stream, (changed, now) -> changed.scaleTo(shardCount, now));
    }

    /**
     * Puts a record into the open shard that contains a hash key.
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
     * Trims the records that arrived before a time and removes the shards closed before it, as at the end of their retention
     * period.
     */
    public void trim(String stream, Instant before) {
        stream(stream).trimBefore(before.toEpochMilli(), clock.millis());
    }

    /**
     * Trims the records of a shard before a sequence number, which frees their disk space. Intended for readers that know a
     * lower bound of their future reads, such as a job with a completed checkpoint. A read of a trimmed record returns the next
     * remaining one and is counted in {@link StreamStatistics#readsOfTrimmedRecords}.
     *
     * @param sequenceNumber sequence number of the first record to keep, or any number between it and its predecessor
     */
    public void trim(String stream, String shardId, String sequenceNumber) {
        EmbeddedStream trimmed = stream(stream);
        EmbeddedShard shard = shard(stream, shardId);
        long position = shard.positionOf(sequenceNumber)
                .orElseThrow(() -> new IllegalArgumentException(
                        "sequence number " + sequenceNumber + " is not one of shard " + shardId + " of " + stream));
        trimmed.countTrimmed(shard.trimTo(position));
    }

    /** Returns the readable shards of the stream, open and closed, oldest first. */
    public List<ShardDescription> shards(String stream) {
        return stream(stream).view(clock.millis()).shards().stream()
                .map(ShardDescription::of)
                .toList();
    }

    /**
     * Returns the number of records in a shard after the last one returned to any reader: the lag, if the stream has a single
     * reader.
     */
    public int recordsBehind(String stream, String shardId) {
        return (int) Math.min(Integer.MAX_VALUE, shard(stream, shardId).recordsBehind());
    }

    /**
     * Returns the sequence number after the last record of a shard that was read by GetRecords or a subscription, or the
     * shard's starting sequence number if none was read. A job has not necessarily processed these records. To trim safely,
     * call this method before a checkpoint and pass the result to {@link #trim(String, String, String)} when the next
     * checkpoint is complete.
     */
    public String readPosition(String stream, String shardId) {
        EmbeddedShard shard = shard(stream, shardId);
        return shard.sequenceNumberAt(shard.readPosition());
    }

    /**
     * Passes all current records of a shard to a consumer, in order. They are read from disk, using little memory. The shard
     * can be written and read at the same time.
     */
    public void forEachRecord(String stream, String shardId, Consumer<StoredRecord> consumer) {
        EmbeddedShard shard = shard(stream, shardId);
        shard.forEach((RecordLog.Entry entry) -> consumer.accept(copy(shard, entry)));
    }

    /** Returns the records of a shard in order, copied into memory; use {@link #forEachRecord} for large streams. */
    public List<StoredRecord> records(String stream, String shardId) {
        List<StoredRecord> records = new ArrayList<>();
        forEachRecord(stream, shardId, records::add);
        return records;
    }

    /** Returns up to a number of the last records of a shard in order, copied into memory. */
    public List<StoredRecord> lastRecords(String stream, String shardId, int maxRecords) {
        EmbeddedShard shard = shard(stream, shardId);
        List<StoredRecord> records = new ArrayList<>();
        shard.forEachOfLast(maxRecords, (RecordLog.Entry entry) -> records.add(copy(shard, entry)));
        return records;
    }

    /** Returns the user records of all shards, shard by shard, with aggregated records unpacked. */
    public List<UserRecord> userRecords(String stream) {
        return shards(stream).stream()
                .flatMap(shard -> records(stream, shard.shardId()).stream())
                .flatMap(record -> record.userRecords().stream())
                .toList();
    }

    /** Returns the counters and the space usage of the stream. */
    public StreamStatistics statistics(String stream) {
        return stream(stream).statistics(clock.millis());
    }

    /** Stops the endpoint immediately, closes its connections and deletes its streams. */
    @Override
    public void close() {
        failures.close();
        subscriptions.close();
        handler.closeUnanswered();
        servers.stop();
        workers.shutdownNow();
        store.close();
    }

    /** Returns the number of live subscriptions to shards. */
    int subscriptions() {
        return subscriptions.count();
    }

    private EmbeddedStream stream(String name) {
        return registry.find(name)
                .orElseThrow(() -> new IllegalArgumentException("stream " + name + " does not exist"));
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
        toIllegalArgument(() -> {
            EmbeddedStream stream = registry.get(streamName);
            long now = clock.millis();
            stream.changeImmediately(() -> change.begin(stream, now), now);
        });
    }

    @FunctionalInterface
    private interface StreamChange {
        void begin(EmbeddedStream stream, long nowMillis);
    }

    private static <T> T toIllegalArgument(Supplier<T> action) {
        try {
            return action.get();
        } catch (KinesisException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static void toIllegalArgument(Runnable action) {
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
            throw new IOException("this Java platform cannot create a certificate for the endpoint", e);
        }
    }

    private static SSLContext sslContext(SelfSignedCertificate own) throws IOException {
        try {
            char[] noPassword = new char[0];
            // Kept in memory only: PKCS12 would encrypt and decrypt the key, each with ten thousand rounds of a digest.
            KeyStore keyStore = KeyStore.getInstance("JKS");
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

    /** Builder of an endpoint. Not thread-safe. */
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
        private Consumer<Throwable> onFailure = failure -> LOG.error("The embedded Kinesis failed", failure);

        private Builder() {}

        /** Sets the port for plain text. Default: 0, any free port. */
        public Builder httpPort(int port) {
            this.httpPort = port;
            return this;
        }

        /** Sets the port for TLS. Default: 0, any free port. */
        public Builder httpsPort(int port) {
            this.httpsPort = port;
            return this;
        }

        /** Sets the region in the ARNs of streams. Requests for any region are answered. Default: us-east-1. */
        public Builder region(String name) {
            this.region = name;
            return this;
        }

        /**
         * Sets whether to enforce the service's default limits: 1 MB and 1,000 records per second written to a shard, 2 MB and
         * 5 calls per second read from it, and those on calls and shard counts. The size of records and requests is always
         * limited. Default: true.
         */
        public Builder enforceLimits(boolean enforce) {
            this.enforceLimits = enforce;
            return this;
        }

        /**
         * Sets the clock for arrival times, reshards, iterators, subscriptions, limits and retention. Default: the system
         * clock.
         */
        public Builder clock(Clock newClock) {
            this.clock = newClock;
            return this;
        }

        /** Sets the source of randomness that selects the rejected records of a partly throttled PutRecords call. */
        public Builder random(Random newRandom) {
            this.random = newRandom;
            return this;
        }

        /** Sets how long a stream is CREATING, DELETING, and UPDATING in each round of a reshard. Default: 200 ms. */
        public Builder transitionDelay(Duration delay) {
            this.transitionDelay = delay;
            return this;
        }

        /** Sets the lifetime of a shard iterator. Default: 5 minutes. */
        public Builder iteratorLifetime(Duration lifetime) {
            this.iteratorLifetime = lifetime;
            return this;
        }

        /** Sets the time after which a subscription to a shard ends and the consumer must renew it. Default: 5 minutes. */
        public Builder subscriptionLifetime(Duration lifetime) {
            this.subscriptionLifetime = lifetime;
            return this;
        }

        /** Sets the faults to inject. Default: none. */
        public Builder faults(FaultInjector injector) {
            this.faults = injector;
            return this;
        }

        /**
         * Sets the existing directory in which records are stored. Its files are readable by the owner only and are removed
         * when the process exits, even if it is killed. Default: the temporary directory of the system.
         */
        public Builder storageFolder(Path folder) {
            this.storageFolder = folder;
            return this;
        }

        /**
         * Sets the maximum number of bytes on disk for the records of all streams. When it is reached, records are throttled
         * ({@code ProvisionedThroughputExceededException} with a message that names this limit) until others are trimmed or
         * expire; stored records are never dropped. Space is freed in files of 64 MiB, or of a sixteenth of the limit if that
         * is less. Default: unlimited.
         *
         * @throws IllegalArgumentException if the limit is not positive
         */
        public Builder maxStorageBytes(long bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("maxStorageBytes must be at least 1, but is " + bytes);
            }
            this.maxStorageBytes = bytes;
            return this;
        }

        /**
         * Sets the callback for unrecoverable failures: records cannot be written to disk or read back (an {@link
         * UncheckedIOException} whose message names the location and the remedy), or an {@link Error} such as {@link
         * OutOfMemoryError} occurs in a thread of the endpoint. The affected call receives an InternalFailure or no response,
         * and the endpoint continues to run. The callback is invoked on several threads, possibly often, until the endpoint is
         * closed. Default: the failure is logged.
         */
        public Builder onFailure(Consumer<Throwable> callback) {
            this.onFailure = callback;
            return this;
        }

        /**
         * Starts the endpoint, which accepts requests when this method returns.
         *
         * @throws IOException if a port is in use or the storage directory is not writable
         */
        public EmbeddedKinesis start() throws IOException {
            return new EmbeddedKinesis(this);
        }
    }
}
