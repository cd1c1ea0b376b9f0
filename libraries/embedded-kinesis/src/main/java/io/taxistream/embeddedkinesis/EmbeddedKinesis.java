package io.taxistream.embeddedkinesis;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A Kinesis Data Streams endpoint on the loopback interface, over plain HTTP and over TLS, whose streams live in memory.
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
 * <p>The methods of this class act at once and without limits; whoever wants the service's own pace calls the operations
 * of the API instead. They are thread-safe, and throw {@link IllegalArgumentException} where the service would refuse:
 * no such stream or shard, a name taken, a hash key out of range.
 */
public final class EmbeddedKinesis implements AutoCloseable {

    static {
        // Read by the JDK's server when its first class is loaded. Without the first, every answer on a connection that
        // is
        // kept open waits 40 ms for the client's delayed acknowledgement; without the second, connections that a client
        // keeps for a minute are closed under it after half of that.
        setDefaultProperty("sun.net.httpserver.nodelay", "true");
        setDefaultProperty("sun.net.httpserver.idleInterval", "300");
    }

    private static final int BACKLOG = 256;

    private final Clock clock;
    private final StreamRegistry registry;
    private final KinesisHttpHandler handler;
    private final ExecutorService workers;
    private final HttpServer httpServer;
    private final HttpsServer httpsServer;
    private final X509Certificate certificate;

    private EmbeddedKinesis(Builder builder) throws IOException {
        clock = builder.clock;
        registry = new StreamRegistry(clock, builder.region, builder.transitionDelay);
        KinesisApi api =
                new KinesisApi(registry, clock, builder.iteratorLifetime, builder.enforceLimits, builder.random);
        SelfSignedCertificate own = newCertificate();
        certificate = own.certificate();
        httpServer = bind(HttpServer.create(), "HTTP", builder.httpPort);
        try {
            httpsServer = bind(HttpsServer.create(), "HTTPS", builder.httpsPort);
        } catch (IOException e) {
            httpServer.stop(0);
            throw e;
        }
        httpsServer.setHttpsConfigurator(new HttpsConfigurator(sslContext(own)));
        workers = Executors.newCachedThreadPool(daemons("embedded-kinesis"));
        handler = new KinesisHttpHandler(api, builder.faults, workers);
        for (HttpServer server : List.of(httpServer, httpsServer)) {
            server.setExecutor(workers);
            server.createContext("/", handler);
            server.start();
        }
    }

    /** Settings of an endpoint, all of which have defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where the endpoint answers without encryption, such as {@code http://127.0.0.1:4567}. */
    public URI httpEndpoint() {
        return URI.create("http://127.0.0.1:" + httpServer.getAddress().getPort());
    }

    /** Where the endpoint answers over TLS, with {@link #certificate}. */
    public URI httpsEndpoint() {
        return URI.create("https://127.0.0.1:" + httpsServer.getAddress().getPort());
    }

    /** The self-signed certificate of this run, for clients that are to trust it and nothing else. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** Makes a stream that is active at once. */
    public void createStream(String stream, int shardCount) {
        refusedAsIllegalArgument(() -> registry.create(stream, shardCount).finishChange(clock.millis()));
    }

    /** Splits an open shard in the middle of its hash key range. */
    public void splitShard(String stream, String shardId) {
        ShardDescription shard = shards(stream).stream()
                .filter(candidate -> candidate.shardId().equals(shardId))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(stream + " has no shard " + shardId));
        splitShard(stream, shardId, new HashKeyRange(shard.startingHashKey(), shard.endingHashKey()).middle());
    }

    /** Splits an open shard in two, of which the second begins at a hash key. */
    public void splitShard(String stream, String shardId, BigInteger newStartingHashKey) {
        change(stream, (changed, now) -> changed.split(shardId, newStartingHashKey, now));
    }

    /** Merges two open shards whose hash key ranges are adjacent. */
    public void mergeShards(String stream, String shardId, String adjacentShardId) {
        change(stream, (changed, now) -> changed.merge(shardId, adjacentShardId, now));
    }

    /** Splits and merges until the stream has so many open shards of one size. */
    public void updateShardCount(String stream, int shardCount) {
        change(stream, (changed, now) -> changed.scaleTo(shardCount, now));
    }

    /** Puts a record into the open shard that has a hash key. */
    public void putRecord(String stream, String partitionKey, BigInteger explicitHashKey, byte[] data) {
        long now = clock.millis();
        KinesisStream taking = stream(stream);
        byte[] key = partitionKey.getBytes(StandardCharsets.UTF_8);
        taking.withShardOf(explicitHashKey, now, shard -> {
            taking.countWritten(key.length + data.length);
            return shard.append(taking.positions(), now, key, data);
        });
    }

    /**
     * Forgets the records that arrived before a time and the shards that were closed before it, as the end of their
     * retention period would.
     */
    public void trim(String stream, Instant before) {
        stream(stream).trimBefore(before.toEpochMilli(), clock.millis());
    }

    /** The stream's shards that can still be read, open and closed, by age. */
    public List<ShardDescription> shards(String stream) {
        return stream(stream).view(clock.millis()).shards().stream()
                .map(ShardDescription::of)
                .toList();
    }

    /**
     * How many of a shard's records come after those that were read last, by whoever it was: how far behind a stream's
     * only reader is.
     */
    public int recordsBehind(String stream, String shardId) {
        return stream(stream)
                .shard(shardId, clock.millis())
                .orElseThrow(() -> new IllegalArgumentException(stream + " has no shard " + shardId))
                .recordsBehind();
    }

    /** The records of one shard in order, copied. */
    public List<StoredRecord> records(String stream, String shardId) {
        Shard shard = stream(stream)
                .shard(shardId, clock.millis())
                .orElseThrow(() -> new IllegalArgumentException(stream + " has no shard " + shardId));
        List<StoredRecord> records = new ArrayList<>();
        shard.readAll()
                .forEach((RecordLog.Entry entry) -> records.add(new StoredRecord(
                        shard.sequenceNumberAt(entry.position()),
                        Instant.ofEpochMilli(entry.arrivalMillis()),
                        entry.partitionKey(),
                        entry.data())));
        return records;
    }

    /** The producers' records of all shards, taken out of aggregated ones, shard by shard. */
    public List<UserRecord> userRecords(String stream) {
        return shards(stream).stream()
                .flatMap(shard -> records(stream, shard.shardId()).stream())
                .flatMap(record -> record.userRecords().stream())
                .toList();
    }

    /** What the stream has taken and given since it was created. */
    public StreamStatistics statistics(String stream) {
        return stream(stream).statistics(clock.millis());
    }

    /** Ends the endpoint at once, with the connections that are open, and forgets its streams. */
    @Override
    public void close() {
        handler.closeUnanswered();
        httpServer.stop(0);
        httpsServer.stop(0);
        workers.shutdownNow();
    }

    private KinesisStream stream(String name) {
        return registry.find(name).orElseThrow(() -> new IllegalArgumentException("there is no stream " + name));
    }

    private void change(String streamName, StreamChange change) {
        refusedAsIllegalArgument(() -> {
            KinesisStream stream = registry.get(streamName);
            long now = clock.millis();
            stream.changeAtOnce(() -> change.begin(stream, now), now);
        });
    }

    @FunctionalInterface
    private interface StreamChange {
        void begin(KinesisStream stream, long nowMillis);
    }

    private static void refusedAsIllegalArgument(Runnable action) {
        try {
            action.run();
        } catch (KinesisException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static <T extends HttpServer> T bind(T server, String protocol, int port) throws IOException {
        try {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
            return server;
        } catch (BindException e) {
            throw new IOException(
                    "Port " + port + " for Kinesis over " + protocol
                            + " is taken; choose another, or 0 for any free one",
                    e);
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

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    private static void setDefaultProperty(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
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
        private FaultInjector faults = FaultInjector.none();

        private Builder() {}

        /** Port for plain HTTP; 0, the default, stands for any free one. */
        public Builder httpPort(int port) {
            this.httpPort = port;
            return this;
        }

        /** Port for TLS; 0, the default, stands for any free one. */
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

        /** Tells arrival times, and when changes, iterators, limits and retention are due. Default the system's. */
        public Builder clock(Clock newClock) {
            this.clock = newClock;
            return this;
        }

        /** Draws which records of a throttled PutRecords call are refused. */
        public Builder random(Random newRandom) {
            this.random = newRandom;
            return this;
        }

        /** How long a stream is CREATING, DELETING, and UPDATING in each round of a reshard. Default 200 ms. */
        public Builder transitionDelay(Duration delay) {
            this.transitionDelay = delay;
            return this;
        }

        /** How long a shard iterator can be used. Default 5 minutes. */
        public Builder iteratorLifetime(Duration lifetime) {
            this.iteratorLifetime = lifetime;
            return this;
        }

        /** What goes wrong. Default nothing. */
        public Builder faults(FaultInjector injector) {
            this.faults = injector;
            return this;
        }

        /**
         * Starts the endpoint; it answers when this returns.
         *
         * @throws IOException if a port is taken
         */
        public EmbeddedKinesis start() throws IOException {
            return new EmbeddedKinesis(this);
        }
    }
}
