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
 * Stores each element of a stream as a document in Elasticsearch 7.10 or OpenSearch 1.3 to 3.x, with at-least-once delivery.
 * Writes are idempotent because the caller chooses the document id.
 *
 * <pre>{@code
 * numbers.sinkTo(SearchSink.<Long>builder()
 *         .endpoint(endpoint)
 *         .authentication(Authentication.forEndpoint(endpoint, "eu-west-1"))
 *         .documents(number -> SearchDocument.of("numbers", "" + number, "{\"number\":" + number + "}"))
 *         .build());
 * }</pre>
 *
 * <p>A document that the engine cannot accept temporarily (status 408, 429 or 5xx for it or for the whole request, no
 * connection, a timeout, an unintelligible response, a cluster at its shard limit) is retried with exponential backoff until
 * the retry timeout; then the job fails. A document that the engine permanently rejects (status 400 or 413) becomes a dead
 * letter without delaying the others. A fault that is not caused by the document fails the job immediately: status 401 or 403,
 * an index that is missing, closed or unable to accept documents, or one that rejects most of its documents for the same
 * reason, see {@link Builder#deadLetterLimit}.
 *
 * <p>Documents are sent when a bulk request is full, when the flush interval has passed, at a checkpoint, and at a watermark
 * that follows new documents, unless more than three of these watermarks occur within a flush interval.
 *
 * <p>If one parallel writer receives several documents with the same id, the last one is stored last: it waits until the
 * earlier ones are stored or dead. A checkpoint completes when all documents before it are stored or dead, so the same holds
 * after a restore with any parallelism. The exception is a request that the engine executes after it has timed out, see {@link
 * Builder#requestTimeout}. While the engine accepts nothing, checkpoints wait, at most until the retry timeout of the
 * documents.
 *
 * <p>In addition to Flink's standard metrics for sinks ({@code numRecordsSend} and {@code numBytesSend} count every attempt,
 * {@code numRecordsSendErrors} counts permanently rejected documents), the sink has the metrics named by the constants of this
 * class.
 */
public final class SearchSink<T> extends Flink1Sink<T> implements Sink<T> {

    /** Counter of documents acknowledged by the engine, excluding dead letters. */
    public static final String DOCUMENTS_STORED_METRIC = "documentsStored";

    /** Counter of the source bytes of these documents. */
    public static final String BYTES_STORED_METRIC = "bytesStored";

    /** Counter of retried documents; a document sent three times counts twice. */
    public static final String DOCUMENTS_RETRIED_METRIC = "documentsRetried";

    /** Counter of documents not stored because a later one with the same id was. */
    public static final String DOCUMENTS_SUPERSEDED_METRIC = "documentsSuperseded";

    /** Counter of permanently rejected documents. */
    public static final String DOCUMENTS_DEAD_METRIC = "documentsDead";

    /**
     * Histogram of the time from the creation of a bulk request to the processing of its response, in milliseconds; includes
     * the time spent waiting for other requests in flight.
     */
    public static final String BULK_LATENCY_METRIC = "bulkLatencyMillis";

    /** Gauge of unanswered bulk requests, including the one prepared to follow them. */
    public static final String BULK_REQUESTS_IN_FLIGHT_METRIC = "bulkRequestsInFlight";

    /** Default of {@link Builder#bulkActions}. */
    public static final int DEFAULT_BULK_ACTIONS = 1_000;

    /** Default of {@link Builder#bulkBytes}. */
    public static final String DEFAULT_BULK_SIZE = "5mb";

    /** Default of {@link Builder#flushInterval}. */
    public static final String DEFAULT_FLUSH_INTERVAL = "1s";

    /** Default of {@link Builder#retryTimeout}. */
    public static final String DEFAULT_RETRY_TIMEOUT = "10min";

    /** Default of {@link Builder#connectTimeout}. */
    public static final String DEFAULT_CONNECT_TIMEOUT = "5s";

    /** Default of {@link Builder#requestTimeout}. */
    public static final String DEFAULT_REQUEST_TIMEOUT = "1min";

    /** Default of {@link Builder#maxRetryDelay}. */
    public static final String DEFAULT_MAX_RETRY_DELAY = "2s";

    /** Upper bound of {@link Builder#bulkActions}. */
    public static final int MAX_BULK_ACTIONS = 100_000;

    /** Upper bound of {@link Builder#bulkBytes}: the default request limit of the engines. */
    public static final long MAX_BULK_BYTES = 100L << 20;

    private static final double DEFAULT_MAX_REJECTED_SHARE = 0.5;

    private static final int DEFAULT_MIN_REJECTED_DOCUMENTS = 100;

    private static final long serialVersionUID = 1;

    private final SerializableFunction<T, SearchDocument> documents;
    private final SearchSinkOptions options;

    private SearchSink(SerializableFunction<T, SearchDocument> documents, SearchSinkOptions options) {
        this.documents = documents;
        this.options = options;
    }

    /** Returns a builder with default options. */
    public static <T> Builder<T> builder() {
        return new Builder<>();
    }

    /** Returns whether requests to an endpoint are protected from eavesdropping: encrypted, or within this machine. */
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

    /** Declared here so that serialization does not search {@link Flink1Sink} for these two methods. */
    private Object writeReplace() {
        return this;
    }

    private Object readResolve() {
        return this;
    }

    /** Builder of a {@link SearchSink}. The endpoint and the documents are required; all other options have defaults. */
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
        private double maxRejectedShare = DEFAULT_MAX_REJECTED_SHARE;
        private int minRejectedDocuments = DEFAULT_MIN_REJECTED_DOCUMENTS;
        private boolean basicOverHttp;
        private List<IndexTemplate> indexTemplates = List.of();
        private @Nullable String metricGroup;

        private Builder() {}

        /**
         * Sets the endpoint of the search engine, {@code http[s]://host[:port][/path]}. Required.
         *
         * @throws IllegalArgumentException if the URI has another form or contains a user or password
         */
        public Builder<T> endpoint(URI endpoint) {
            this.endpoint = Endpoints.requireValid(endpoint);
            return this;
        }

        /** Sets the function that converts an element to a document. Required. */
        public Builder<T> documents(SerializableFunction<T, SearchDocument> documents) {
            this.documents = Objects.requireNonNull(documents, "documents");
            return this;
        }

        /** Sets the method of authentication. Default: none; see {@link Authentication#forEndpoint}. */
        public Builder<T> authentication(Authentication authentication) {
            this.authentication = Objects.requireNonNull(authentication, "authentication");
            return this;
        }

        /**
         * Sets the credentials for signatures required by {@link #authentication}. Default: the SDK's default chain. Each task
         * manager fetches them and renews them before they expire.
         */
        public Builder<T> credentials(CredentialsSource source) {
            this.credentials = Objects.requireNonNull(source, "source");
            return this;
        }

        /** Sets the maximum number of documents in a bulk request, up to 100,000. Default: 1,000. */
        public Builder<T> bulkActions(int documents) {
            this.bulkActions = (int) requireAtMost(MAX_BULK_ACTIONS, "bulk actions", documents);
            return this;
        }

        /**
         * Sets the maximum size of a bulk request before compression, up to 100 MiB. Default: 5 MiB. A larger document is sent
         * in its own request.
         */
        public Builder<T> bulkBytes(long bytes) {
            this.bulkBytes = requireAtMost(MAX_BULK_BYTES, "bulk bytes", bytes);
            return this;
        }

        /** Sets the longest time that a document waits for others in the same bulk request. Default: 1 s. */
        public Builder<T> flushInterval(Duration interval) {
            this.flushInterval = requirePositive("flush interval", interval);
            return this;
        }

        /**
         * Sets the maximum number of concurrent bulk requests of each parallel writer, up to 1,000. Default: 4. One more
         * request is prepared to follow them, or waits for a retry.
         */
        public Builder<T> maxInFlightRequests(int requests) {
            this.maxInFlightRequests = (int) requireAtMost(MAX_IN_FLIGHT_REQUESTS, "in-flight requests", requests);
            return this;
        }

        /** Sets the longest time to connect to the engine. Default: 5 s. */
        public Builder<T> connectTimeout(Duration timeout) {
            this.connectTimeout = requirePositive("connect timeout", timeout);
            return this;
        }

        /** Sets the longest time without data from the engine before a request fails. Default: 1 min. */
        public Builder<T> requestTimeout(Duration timeout) {
            this.requestTimeout = requirePositive("request timeout", timeout);
            return this;
        }

        /** Sets the time for which a document is retried before the job fails. Default: 10 min. */
        public Builder<T> retryTimeout(Duration timeout) {
            this.retryTimeout = requirePositive("retry timeout", timeout);
            return this;
        }

        /**
         * Sets the longest delay before a document is retried, at least 200 ms. Default: 2 s. The delay starts at 200 ms and
         * doubles with each failure.
         */
        public Builder<T> maxRetryDelay(Duration delay) {
            if (delay.compareTo(FIRST_RETRY_DELAY) < 0) {
                throw new IllegalArgumentException("max retry delay must be at least 200 ms, but is " + delay);
            }
            this.maxRetryDelay = delay;
            return this;
        }

        /** Sets the first and the longest delay before a retry; for tests. */
        Builder<T> retryDelays(Duration first, Duration longest) {
            this.firstRetryDelay = first;
            this.maxRetryDelay = longest;
            return this;
        }

        /** Sets whether bulk requests are compressed with gzip. Default: true. */
        public Builder<T> compressed(boolean compressed) {
            this.compressed = compressed;
            return this;
        }

        /**
         * Stores permanently rejected documents, with the reason, in an index with the name of their own index plus this
         * suffix. Default: {@code -dead-letter}.
         */
        public Builder<T> deadLettersToIndex(String suffix) {
            if (suffix.isEmpty()) {
                throw new IllegalArgumentException("suffix of dead-letter indices must not be empty");
            }
            this.deadLetters = new DeadLetters.ToIndex(suffix);
            return this;
        }

        /**
         * Stores permanently rejected documents, with the reason, in files in this folder, one JSON object per line. After a
         * failure of the job, documents may occur twice.
         *
         * @param folder on any file system supported by Flink, such as {@code s3://bucket/dead} or {@code file:///var/dead}
         */
        public Builder<T> deadLettersToFolder(String folder) {
            if (folder.isBlank()) {
                throw new IllegalArgumentException("dead-letter folder must not be empty");
            }
            this.deadLetters = new DeadLetters.ToFolder(folder);
            return this;
        }

        /**
         * Sets the share of an index's last few hundred documents that may be rejected for the same reason before the job fails
         * instead of writing ever more dead letters. Default: 0.5, with at least 100 rejected documents.
         *
         * @param maxShare 0 to 1; with 1, the job never fails for this reason
         * @param minDocuments number of rejected documents, at least 1, from which the share is evaluated
         */
        public Builder<T> deadLetterLimit(double maxShare, int minDocuments) {
            if (!(maxShare >= 0 && maxShare <= 1)) {
                throw new IllegalArgumentException("maximum share of dead letters must be 0 to 1, but is " + maxShare);
            }
            this.minRejectedDocuments = (int) requireAtMost(
                    MAX_BULK_ACTIONS, "minimum number of documents for the share of dead letters", minDocuments);
            this.maxRejectedShare = maxShare;
            return this;
        }

        /**
         * Sets whether user and password may be sent unencrypted, over {@code http}, to another host. Default: false. They may
         * always be sent within this machine.
         */
        public Builder<T> basicOverHttp(boolean allowed) {
            this.basicOverHttp = allowed;
            return this;
        }

        /** Sets the index templates to create before the first document is sent. Default: none. */
        public Builder<T> indexTemplates(List<IndexTemplate> templates) {
            this.indexTemplates = List.copyOf(templates);
            return this;
        }

        /**
         * Sets the name of a metric group, inside the operator's, for the metrics named by the constants of {@link SearchSink}.
         * Default: none. Some services publish only metrics in a specific group.
         */
        public Builder<T> metricGroup(String name) {
            this.metricGroup = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Creates the sink.
         *
         * @throws IllegalStateException if the endpoint or the documents are missing, or a password would be sent unencrypted
         */
        public SearchSink<T> build() {
            SearchSinkOptions options = options();
            SerializableFunction<T, SearchDocument> toDocument = documents;
            if (toDocument == null) {
                throw new IllegalStateException(
                        "documents is missing; set the function that returns the documents of an element");
            }
            return new SearchSink<>(toDocument, options);
        }

        SearchSinkOptions options() {
            URI engine = endpoint;
            if (engine == null) {
                throw new IllegalStateException("endpoint is missing; set the URL of the search engine");
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
                    maxRejectedShare,
                    minRejectedDocuments,
                    indexTemplates,
                    metricGroup);
        }

        private static long requireAtMost(long limit, String name, long value) {
            if (value < 1 || value > limit) {
                throw new IllegalArgumentException(name + " must be 1 to " + limit + ", but is " + value);
            }
            return value;
        }

        private static Duration requirePositive(String name, Duration value) {
            if (value.toMillis() <= 0) {
                throw new IllegalArgumentException(name + " must be at least 1 ms, but is " + value);
            }
            return value;
        }
    }
}
