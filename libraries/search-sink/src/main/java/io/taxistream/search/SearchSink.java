package io.taxistream.search;

import io.taxistream.credentials.CredentialsSource;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.util.TimeUtils;
import org.apache.flink.util.function.SerializableFunction;
import org.jspecify.annotations.Nullable;

/**
 * Stores each element of a stream as a document in Elasticsearch 7.10 or OpenSearch 1.3 to 3.x, at least once; since the
 * id is the caller's, storing it again changes nothing.
 *
 * <pre>{@code
 * numbers.sinkTo(SearchSink.<Long>builder()
 *         .endpoint(endpoint)
 *         .authentication(Authentication.forEndpoint(endpoint, "eu-west-1"))
 *         .documents(number -> SearchDocument.of("numbers", "" + number, "{\"number\":" + number + "}"))
 *         .build());
 * }</pre>
 *
 * <p>A document that the engine cannot take at the moment (status 408, 429 or 5xx for it or for the whole request, no
 * connection, no answer in time, an unintelligible answer, a cluster with as many shards as it may have) is sent again after
 * a growing wait, until the retry timeout; then the job fails. One that the engine will never take (status 400 or 413)
 * becomes a dead letter, without holding up the others. A fault that is not the document's fails the job at once: status
 * 401 or 403, an index that is missing, closed or takes no documents, or one that refuses most of its documents for one
 * reason, see {@link Builder#deadLetterLimit}.
 *
 * <p>Documents are sent when a bulk request is full, when the flush interval has passed, at a checkpoint, and at a watermark
 * that follows new documents, unless there are more than three of those in a flush interval.
 *
 * <p>Of several documents with the same id that one parallel writer receives, the last one is stored last: it waits until
 * those before it are stored or dead. A checkpoint is taken when all documents before it are stored or dead, so this
 * also holds after a restore, with any parallelism. The exception is a request that the engine carries out after it was
 * given up, see {@link Builder#requestTimeout}. While the engine takes nothing, checkpoints wait, up to the retry timeout
 * of the documents.
 *
 * <p>Besides Flink's standard metrics for sinks ({@code numRecordsSend} and {@code numBytesSend} count every
 * attempt, {@code numRecordsSendErrors} documents refused for good) there are those
 * that the constants of this class name.
 */
public final class SearchSink<T> extends Flink1Sink<T> implements Sink<T> {

    /** Counter of documents that the engine acknowledged, dead letters not among them. */
    public static final String DOCUMENTS_STORED_METRIC = "documentsStored";

    /** Counter of the bytes of the sources of these documents. */
    public static final String BYTES_STORED_METRIC = "bytesStored";

    /** Counter of documents sent again; one that is sent three times counts twice. */
    public static final String DOCUMENTS_RETRIED_METRIC = "documentsRetried";

    /** Counter of documents that were not stored because a later one with the same id was. */
    public static final String DOCUMENTS_SUPERSEDED_METRIC = "documentsSuperseded";

    /** Counter of documents refused for good. */
    public static final String DOCUMENTS_DEAD_METRIC = "documentsDead";

    /**
     * Histogram of the time from a bulk request being made to its response being read, milliseconds; part of it is a wait
     * while as many requests as may be are in flight.
     */
    public static final String BULK_LATENCY_METRIC = "bulkLatencyMillis";

    /** Gauge of bulk requests that are not answered yet, with the one that is ready to follow them. */
    public static final String BULK_REQUESTS_IN_FLIGHT_METRIC = "bulkRequestsInFlight";

    /** Most documents in a bulk request unless the builder is told otherwise. */
    public static final int DEFAULT_BULK_ACTIONS = 1_000;

    /** Most bytes in a bulk request, before compression, unless the builder is told otherwise. */
    public static final String DEFAULT_BULK_SIZE = "5mb";

    /** Longest wait of a document for others in its bulk request unless the builder is told otherwise. */
    public static final String DEFAULT_FLUSH_INTERVAL = "1s";

    /** How long a document is sent again unless the builder is told otherwise. */
    public static final String DEFAULT_RETRY_TIMEOUT = "10min";

    /** Longest time to connect to the engine unless the builder is told otherwise. */
    public static final String DEFAULT_CONNECT_TIMEOUT = "5s";

    /** Longest silence of the engine before a request counts as failed unless the builder is told otherwise. */
    public static final String DEFAULT_REQUEST_TIMEOUT = "1min";

    /** Longest wait before a document is sent again unless the builder is told otherwise. */
    public static final String DEFAULT_MAX_RETRY_DELAY = "2s";

    /** Most documents that a bulk request may be allowed to have. */
    public static final int MAX_BULK_ACTIONS = 100_000;

    /** Most bytes that a bulk request may be allowed to have: what the engines take unless they are told otherwise. */
    public static final long MAX_BULK_BYTES = 100L << 20;

    private static final double DEFAULT_MAX_REFUSED_SHARE = 0.5;

    private static final int DEFAULT_MIN_REFUSED_DOCUMENTS = 100;

    private static final long serialVersionUID = 1;

    private final SerializableFunction<T, SearchDocument> documents;
    private final SearchSinkOptions options;

    private SearchSink(SerializableFunction<T, SearchDocument> documents, SearchSinkOptions options) {
        this.documents = documents;
        this.options = options;
    }

    /** A builder with every default set. */
    public static <T> Builder<T> builder() {
        return new Builder<>();
    }

    /** Whether nobody in between can read what is sent to an endpoint: it is encrypted, or stays on this machine. */
    public static boolean keepsPasswordsPrivate(URI endpoint) {
        return "https".equalsIgnoreCase(endpoint.getScheme()) || Loopback.isHostOf(endpoint);
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) throws IOException {
        if (options.deadLetters() instanceof DeadLetters.ToFolder place) {
            new DeadLetterFolder(place.folder()).requireWritable();
        }
        SearchClient client = SearchClient.create(options);
        try {
            new IndexTemplateInstaller(client, options.retryPolicy(), Clock.systemUTC(), Thread::sleep)
                    .install(options.indexTemplates());
            return new SearchSinkWriter<>(
                    documents,
                    options,
                    client,
                    context.getMailboxExecutor(),
                    context.getProcessingTimeService(),
                    context.metricGroup(),
                    () -> ThreadLocalRandom.current().nextDouble());
        } catch (IOException | RuntimeException e) {
            client.close();
            throw e;
        }
    }

    /** Serialization finds these two here, and so does not search {@link Flink1Sink} for them. */
    private Object writeReplace() {
        return this;
    }

    private Object readResolve() {
        return this;
    }

    /** Gathers the options of a {@link SearchSink}; only endpoint and documents have no default. */
    public static final class Builder<T> {

        private static final Duration FIRST_RETRY_DELAY = Duration.ofMillis(200);

        private static final int MAX_IN_FLIGHT_REQUESTS = 1_000;

        private @Nullable URI endpoint;
        private @Nullable SerializableFunction<T, SearchDocument> documents;
        private Authentication authentication = new Authentication.None();
        private CredentialsSource credentials = new CredentialsSource.DefaultChain();
        private int bulkActions = DEFAULT_BULK_ACTIONS;
        private long bulkBytes = MemorySize.parse(DEFAULT_BULK_SIZE).getBytes();
        private Duration flushInterval = TimeUtils.parseDuration(DEFAULT_FLUSH_INTERVAL);
        private int maxInFlightRequests = 4;
        private Duration connectTimeout = TimeUtils.parseDuration(DEFAULT_CONNECT_TIMEOUT);
        private Duration requestTimeout = TimeUtils.parseDuration(DEFAULT_REQUEST_TIMEOUT);
        private Duration retryTimeout = TimeUtils.parseDuration(DEFAULT_RETRY_TIMEOUT);
        private Duration firstRetryDelay = FIRST_RETRY_DELAY;
        private Duration maxRetryDelay = TimeUtils.parseDuration(DEFAULT_MAX_RETRY_DELAY);
        private boolean compressed = true;
        private DeadLetters deadLetters = new DeadLetters.ToIndex("-dead-letter");
        private double maxRefusedShare = DEFAULT_MAX_REFUSED_SHARE;
        private int minRefusedDocuments = DEFAULT_MIN_REFUSED_DOCUMENTS;
        private boolean basicOverHttp;
        private List<IndexTemplate> indexTemplates = List.of();
        private @Nullable String metricGroup;

        private Builder() {}

        /**
         * Where the search engine is, {@code http[s]://host[:port][/path]}.
         *
         * @throws IllegalArgumentException if it is anything else, or holds a user or password
         */
        public Builder<T> endpoint(URI endpoint) {
            this.endpoint = Endpoints.requireValid(endpoint);
            return this;
        }

        /** What to store for an element. */
        public Builder<T> documents(SerializableFunction<T, SearchDocument> documents) {
            this.documents = Objects.requireNonNull(documents, "documents");
            return this;
        }

        /** Default: none; see {@link Authentication#forEndpoint}. */
        public Builder<T> authentication(Authentication authentication) {
            this.authentication = Objects.requireNonNull(authentication, "authentication");
            return this;
        }

        /**
         * Credentials that requests are signed with where {@link #authentication} asks for a signature; default: the SDK's
         * default chain. The task managers fetch them, each for itself, and renew them before they end.
         */
        public Builder<T> credentials(CredentialsSource source) {
            this.credentials = Objects.requireNonNull(source, "source");
            return this;
        }

        /** Most documents in a bulk request, up to 100,000; default 1,000. */
        public Builder<T> bulkActions(int documents) {
            this.bulkActions = (int) requireAtMost(MAX_BULK_ACTIONS, "bulk actions", documents);
            return this;
        }

        /**
         * Most bytes in a bulk request before compression, up to 100 MiB; default 5 MiB. A document that is larger has a request to
         * itself.
         */
        public Builder<T> bulkBytes(long bytes) {
            this.bulkBytes = requireAtMost(MAX_BULK_BYTES, "bulk bytes", bytes);
            return this;
        }

        /** Longest time that a document waits for others to share a bulk request with; default 1 s. */
        public Builder<T> flushInterval(Duration interval) {
            this.flushInterval = requirePositive("flush interval", interval);
            return this;
        }

        /**
         * Most bulk requests of each parallel writer that the engine has at once, up to 1,000; default 4. One more is made
         * ready to follow them, or waits to be sent again.
         */
        public Builder<T> maxInFlightRequests(int requests) {
            this.maxInFlightRequests = (int) requireAtMost(MAX_IN_FLIGHT_REQUESTS, "in-flight requests", requests);
            return this;
        }

        /** Longest time to connect to the engine; default 5 s. */
        public Builder<T> connectTimeout(Duration timeout) {
            this.connectTimeout = requirePositive("connect timeout", timeout);
            return this;
        }

        /** Longest silence of the engine before a request counts as failed; default 1 min. */
        public Builder<T> requestTimeout(Duration timeout) {
            this.requestTimeout = requirePositive("request timeout", timeout);
            return this;
        }

        /** How long a document is sent again before the job fails; default 10 min. */
        public Builder<T> retryTimeout(Duration timeout) {
            this.retryTimeout = requirePositive("retry timeout", timeout);
            return this;
        }

        /**
         * Longest wait before a document is sent again, at least 200 ms; default 2 s. The first is 200 ms, and each is twice as
         * long as the one before.
         */
        public Builder<T> maxRetryDelay(Duration delay) {
            if (delay.compareTo(FIRST_RETRY_DELAY) < 0) {
                throw new IllegalArgumentException("max retry delay must be 200 ms or more, but is " + delay);
            }
            this.maxRetryDelay = delay;
            return this;
        }

        /** First wait before a document is sent again, doubled each time up to the longest; for tests. */
        Builder<T> retryDelays(Duration first, Duration longest) {
            this.firstRetryDelay = first;
            this.maxRetryDelay = longest;
            return this;
        }

        /** Whether bulk requests are sent in gzip; default true. */
        public Builder<T> compressed(boolean compressed) {
            this.compressed = compressed;
            return this;
        }

        /**
         * A document that is refused for good is kept, with the reason, in an index named like its own with this suffix;
         * default {@code -dead-letter}.
         */
        public Builder<T> deadLettersToIndex(String suffix) {
            if (suffix.isEmpty()) {
                throw new IllegalArgumentException("the suffix of dead letter indices must not be empty");
            }
            this.deadLetters = new DeadLetters.ToIndex(suffix);
            return this;
        }

        /**
         * A document that is refused for good is kept, with the reason, in a file of this folder, one JSON object a line.
         * After a failure of the job it may be there twice.
         *
         * @param folder on any file system that Flink has, such as {@code s3://bucket/dead} or {@code file:///var/dead}
         */
        public Builder<T> deadLettersToFolder(String folder) {
            if (folder.isBlank()) {
                throw new IllegalArgumentException("the folder of dead letters must not be empty");
            }
            this.deadLetters = new DeadLetters.ToFolder(folder);
            return this;
        }

        /**
         * The job fails, instead of writing ever more dead letters, when more than this share of the last few hundred
         * documents of an index were refused for one reason; default 0.5, that is half of them, and at least 100.
         *
         * @param maxShare 0 to 1; with 1 the job never fails for this
         * @param minDocuments number of refused documents, at least 1, from which the share counts
         */
        public Builder<T> deadLetterLimit(double maxShare, int minDocuments) {
            if (!(maxShare >= 0 && maxShare <= 1)) {
                throw new IllegalArgumentException("the share of dead letters must lie in 0 to 1, but is " + maxShare);
            }
            this.minRefusedDocuments = (int) requireAtMost(
                    MAX_BULK_ACTIONS, "the number of dead letters from which the share counts", minDocuments);
            this.maxRefusedShare = maxShare;
            return this;
        }

        /**
         * Whether user and password may be sent unencrypted, over {@code http}, to another host; default false. On this
         * machine they always may.
         */
        public Builder<T> basicOverHttp(boolean allowed) {
            this.basicOverHttp = allowed;
            return this;
        }

        /** Templates to put in place before the first document; default none. */
        public Builder<T> indexTemplates(List<IndexTemplate> templates) {
            this.indexTemplates = List.copyOf(templates);
            return this;
        }

        /**
         * Name of a group, within the operator's, for the metrics that the constants of {@link SearchSink} name; default none.
         * Some services publish only metrics in a group of theirs.
         */
        public Builder<T> metricGroup(String name) {
            this.metricGroup = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * The sink.
         *
         * @throws IllegalStateException if the endpoint or the documents are missing, or a password would be sent
         *     unencrypted
         */
        public SearchSink<T> build() {
            SearchSinkOptions options = options();
            SerializableFunction<T, SearchDocument> toDocument = documents;
            if (toDocument == null) {
                throw new IllegalStateException("documents are missing: say what to store for an element");
            }
            return new SearchSink<>(toDocument, options);
        }

        SearchSinkOptions options() {
            URI engine = endpoint;
            if (engine == null) {
                throw new IllegalStateException("endpoint is missing");
            }
            if (!basicOverHttp && authentication.sendsPassword() && !keepsPasswordsPrivate(engine)) {
                throw new IllegalStateException("endpoint " + engine + " would receive user and password unencrypted;"
                        + " use https, or allow it with basicOverHttp");
            }
            return new SearchSinkOptions(
                    engine,
                    authentication,
                    credentials,
                    bulkActions,
                    bulkBytes,
                    flushInterval,
                    maxInFlightRequests,
                    connectTimeout,
                    requestTimeout,
                    new RetryPolicy(firstRetryDelay, maxRetryDelay, retryTimeout),
                    compressed,
                    deadLetters,
                    maxRefusedShare,
                    minRefusedDocuments,
                    indexTemplates,
                    metricGroup);
        }

        private static long requireAtMost(long limit, String name, long value) {
            if (value < 1 || value > limit) {
                throw new IllegalArgumentException(name + " must lie in 1 to " + limit + ", but is " + value);
            }
            return value;
        }

        private static Duration requirePositive(String name, Duration value) {
            if (value.toMillis() <= 0) {
                throw new IllegalArgumentException(name + " must be 1 ms or more, but is " + value);
            }
            return value;
        }
    }
}
