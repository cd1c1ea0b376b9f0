package io.taxistream.search;

import io.taxistream.search.BulkResponse.Item;
import io.taxistream.search.SearchClient.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriter;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends batches of documents as bulk requests, and sees to it that each document is acknowledged, is sent again later, or
 * is replaced by a dead letter.
 *
 * <p>All state is touched by the task's thread only; the HTTP client's thread does nothing but read responses and hand
 * them over. Waiting for the next attempt is a timer, never a sleep.
 */
final class SearchSinkWriter<T> extends AsyncSinkWriter<T, BulkEntry> {

    private static final Logger LOG = LoggerFactory.getLogger(SearchSinkWriter.class);
    private static final int LATENCY_WINDOW = 1_000;

    /**
     * A batch that was halved until each document was alone takes this many requests one after the other, and more; each
     * may wait for another one before it.
     */
    private static final int REQUESTS_PER_BATCH = 2 * 12;

    private final SearchSinkOptions options;
    private final SearchClient client;
    private final InFlightLimit limit;
    private final DocumentOrder order = new DocumentOrder();
    private final DoubleSupplier random;
    private final MailboxExecutor mailbox;
    private final ProcessingTimeService time;

    private final Counter recordsSent;
    private final Counter bytesSent;
    private final Counter documentsStored;
    private final Counter bytesStored;
    private final Counter documentsRefused;
    private final Counter documentsRetried;
    private final Counter documentsSuperseded;
    private final Histogram bulkLatencyMillis;

    private int bulkRequestsInFlight;

    /** Largest body that the engine is not yet known to refuse as too large. */
    private long maxBodyBytes = Long.MAX_VALUE;

    private volatile boolean closed;

    SearchSinkWriter(
            ElementConverter<T, BulkEntry> converter,
            WriterInitContext context,
            SearchSinkOptions options,
            SearchClient client,
            DoubleSupplier random,
            InFlightLimit limit,
            Collection<BufferedRequestState<BulkEntry>> restored) {
        super(converter, context, configuration(options, limit), withSizesOf(options, restored));
        this.limit = limit;
        this.options = options;
        this.client = client;
        this.random = random;
        this.mailbox = context.getMailboxExecutor();
        this.time = context.getProcessingTimeService();
        SinkWriterMetricGroup metrics = context.metricGroup();
        // The base class counts what is sent for the first time.
        this.recordsSent = metrics.getNumRecordsSendCounter();
        this.bytesSent = metrics.getNumBytesSendCounter();
        this.documentsStored = metrics.counter(SearchSink.DOCUMENTS_STORED_METRIC);
        this.bytesStored = metrics.counter(SearchSink.BYTES_STORED_METRIC);
        this.documentsRefused = metrics.getNumRecordsSendErrorsCounter();
        this.documentsRetried = metrics.counter(SearchSink.DOCUMENTS_RETRIED_METRIC);
        this.documentsSuperseded = metrics.counter(SearchSink.DOCUMENTS_SUPERSEDED_METRIC);
        metrics.counter(SearchSink.DOCUMENTS_DEAD_METRIC, documentsRefused);
        this.bulkLatencyMillis =
                metrics.histogram(SearchSink.BULK_LATENCY_METRIC, new DescriptiveStatisticsHistogram(LATENCY_WINDOW));
        metrics.gauge(SearchSink.BULK_REQUESTS_IN_FLIGHT_METRIC, () -> bulkRequestsInFlight);
    }

    private static AsyncSinkWriterConfiguration configuration(SearchSinkOptions options, InFlightLimit limit) {
        Duration retryTimeout = options.retryPolicy().timeout();
        return AsyncSinkWriterConfiguration.builder()
                .setMaxBatchSize(options.bulkActions())
                .setMaxBatchSizeInBytes(options.bulkBytes())
                .setMaxInFlightRequests(options.maxInFlightRequests())
                .setMaxBufferedRequests(2 * options.bulkActions())
                .setMaxTimeInBufferMS(options.flushInterval().toMillis())
                .setMaxRecordSizeInBytes(options.bulkBytes())
                .setRateLimitingStrategy(limit)
                // Comes into play only if the HTTP client, which has time-outs of its own, should never answer: then
                // the
                // job fails, rather than wait for ever.
                .setRequestTimeoutMS(2 * retryTimeout.toMillis()
                        + REQUESTS_PER_BATCH * options.requestTimeout().toMillis())
                .setFailOnTimeout(true)
                .build();
    }

    /** Sizes depend on the options, which may have changed since the checkpoint. */
    private static List<BufferedRequestState<BulkEntry>> withSizesOf(
            SearchSinkOptions options, Collection<BufferedRequestState<BulkEntry>> restored) {
        return restored.stream()
                .map(state -> new BufferedRequestState<>(state.getBufferedRequestEntries().stream()
                        .map(wrapper -> new RequestEntryWrapper<>(
                                wrapper.getRequestEntry(), size(wrapper.getRequestEntry(), options)))
                        .toList()))
                .toList();
    }

    /** A document larger than a whole bulk request is let through, on its own: the engine may well take it. */
    private static long size(BulkEntry entry, SearchSinkOptions options) {
        return Math.min(BulkBody.size(entry.document()), options.bulkBytes());
    }

    @Override
    protected long getSizeInBytes(BulkEntry entry) {
        return size(entry, options);
    }

    @Override
    protected void submitRequestEntries(List<BulkEntry> entries, ResultHandler<BulkEntry> handler) {
        new Batch(handler).start(entries);
    }

    /**
     * Waits until every document written so far is stored or dead, before a checkpoint just as at the end of the input.
     * Nothing is left to be restored, which another writer might then store after a later document of the same id.
     *
     * <p>As each document has its time to be sent again, this comes to an end: with the job failing, if need be.
     */
    @Override
    public void flush(boolean endOfInput) throws InterruptedException {
        super.flush(true);
    }

    @Override
    public void close() {
        closed = true;
        super.close();
        client.close();
    }

    /** What Flink handed over to be sent at once, until each document of it is stored or dead. */
    private final class Batch implements DocumentOrder.Batch {

        private final ResultHandler<BulkEntry> handler;

        /** May be sent, but are not yet in a part. Here and below, documents of one id stay in order. */
        private final List<BulkEntry> ready = new ArrayList<>();

        /** Each is sent as one request, one after the other. */
        private final Deque<List<BulkEntry>> parts = new ArrayDeque<>();

        /** To be sent again after a wait. */
        private final List<BulkEntry> failed = new ArrayList<>();

        private final List<SearchDocument> lettersForFolder = new ArrayList<>();

        private String lastFailure = "";

        /** Documents of this batch that wait for others of the same id in batches before. */
        private int held;

        /** Whether something will call {@link #proceed}: the answer to a request, a timer, or the caller. */
        private boolean busy = true;

        Batch(ResultHandler<BulkEntry> handler) {
            this.handler = handler;
        }

        void start(List<BulkEntry> entries) {
            entries.forEach(this::admit);
            proceed();
        }

        private void admit(BulkEntry entry) {
            if (order.begin(entry, this)) {
                ready.add(entry);
            } else {
                held++;
            }
        }

        @Override
        public void release(BulkEntry entry) {
            held--;
            ready.add(entry);
            if (!busy) {
                proceed();
            }
        }

        private void proceed() {
            busy = true;
            if (parts.isEmpty()) {
                cutIntoParts();
            }
            if (!parts.isEmpty()) {
                send(parts.remove());
            } else if (!failed.isEmpty()) {
                sendAgainLater();
            } else if (held == 0) {
                handler.complete();
            } else {
                busy = false;
            }
        }

        /** All that is ready, except what must not overtake a document of its id that is to be sent again. */
        private void cutIntoParts() {
            Set<DocumentOrder.Key> failedIds =
                    failed.stream().map(DocumentOrder.Key::of).collect(Collectors.toSet());
            List<BulkEntry> behindFailed = new ArrayList<>();
            List<BulkEntry> part = new ArrayList<>();
            long partBytes = 0;
            for (BulkEntry entry : ready) {
                if (failedIds.contains(DocumentOrder.Key.of(entry))) {
                    behindFailed.add(entry);
                    continue;
                }
                long bytes = BulkBody.size(entry.document());
                if (!part.isEmpty() && (partBytes + bytes > maxBodyBytes || part.size() >= limit.getMaxBatchSize())) {
                    parts.add(part);
                    part = new ArrayList<>();
                    partBytes = 0;
                }
                part.add(entry);
                partBytes += bytes;
            }
            if (!part.isEmpty()) {
                parts.add(part);
            }
            ready.clear();
            ready.addAll(behindFailed);
        }

        private void send(List<BulkEntry> part) {
            long startNanos = System.nanoTime();
            bulkRequestsInFlight++;
            byte[] body = BulkBody.write(part, options.compressed());
            // An answer is understood by the task's thread: the client's has the next request to send meanwhile.
            client.bulk(
                    body,
                    options.compressed(),
                    (reply, failure) -> runInTask(() -> {
                        bulkRequestsInFlight--;
                        bulkLatencyMillis.update(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
                        onAnswer(part, Answer.of(part, reply, failure));
                    }));
        }

        private void onAnswer(List<BulkEntry> part, Answer answer) {
            int failedBefore = failed.size();
            try {
                if (!answer.items().isEmpty()) {
                    onItems(part, answer.items());
                } else {
                    onAnswerToAll(part, answer);
                }
                keepInFolder();
            } catch (SearchSinkException e) {
                handler.completeExceptionally(e);
                return;
            }
            if (failed.size() > failedBefore) {
                limit.pushedBack();
            } else {
                limit.taken();
            }
            proceed();
        }

        /** Backwards, because a document that was not taken is not sent again if a later one of its id was stored. */
        private void onItems(List<BulkEntry> part, List<Item> items) throws SearchSinkException {
            Set<DocumentOrder.Key> storedIds = new HashSet<>();
            Deque<BulkEntry> notTaken = new ArrayDeque<>();
            for (int i = part.size() - 1; i >= 0; i--) {
                BulkEntry entry = part.get(i);
                Item item = items.get(i);
                switch (Verdict.ofItem(item.status(), item.errorType())) {
                    case STORED -> {
                        stored(entry);
                        storedIds.add(DocumentOrder.Key.of(entry));
                    }
                    case RETRY -> {
                        if (storedIds.contains(DocumentOrder.Key.of(entry))) {
                            documentsSuperseded.inc();
                            order.settled(entry);
                        } else {
                            notTaken.addFirst(failed(entry, item));
                        }
                    }
                    case REFUSED -> refused(entry, item);
                    case FATAL -> throw fatal(entry.document() + " was refused", item);
                }
            }
            if (!notTaken.isEmpty()) {
                failed.addAll(notTaken);
                holdRemainingParts();
            }
        }

        /** The engine would hardly take them just now, and a later document must not be stored before an earlier one. */
        private void holdRemainingParts() {
            parts.forEach(failed::addAll);
            parts.clear();
        }

        private void onAnswerToAll(List<BulkEntry> part, Answer answer) throws SearchSinkException {
            Item reason = answer.reason();
            switch (answer.verdict()) {
                case RETRY, STORED -> {
                    part.forEach(entry -> failed.add(failed(entry, reason)));
                    holdRemainingParts();
                }
                case REFUSED -> {
                    if (part.size() == 1) {
                        refused(part.get(0), reason);
                    } else {
                        split(part, reason);
                    }
                }
                case FATAL -> throw fatal("the bulk request was refused", reason);
            }
        }

        private void split(List<BulkEntry> part, Item reason) {
            long bytes = part.stream()
                    .mapToLong(entry -> BulkBody.size(entry.document()))
                    .sum();
            if (reason.status() == 413) {
                maxBodyBytes = Math.min(maxBodyBytes, bytes / 2);
            }
            LOG.info(
                    "A bulk request of {} documents and {} bytes is sent again in two halves: {}",
                    part.size(),
                    bytes,
                    describe(reason));
            int half = part.size() / 2;
            parts.addFirst(part.subList(half, part.size()));
            parts.addFirst(part.subList(0, half));
        }

        private void stored(BulkEntry entry) {
            if (!entry.deadLetter()) {
                documentsStored.inc();
                bytesStored.inc(entry.document().source().length);
            }
            order.settled(entry);
        }

        private BulkEntry failed(BulkEntry entry, Item reason) {
            lastFailure = describe(reason);
            return entry.failedAt(time.getCurrentProcessingTime());
        }

        private void refused(BulkEntry entry, Item reason) throws SearchSinkException {
            if (entry.deadLetter()) {
                throw fatal("dead letter " + entry.document() + " was refused", reason);
            }
            documentsRefused.inc();
            long nowMillis = time.getCurrentProcessingTime();
            if (options.deadLetters() instanceof DeadLetters.ToIndex place) {
                SearchDocument letter = DeadLetter.of(entry.document(), reason, place.suffix(), nowMillis);
                admit(BulkEntry.deadLetter(letter));
            } else {
                lettersForFolder.add(DeadLetter.of(entry.document(), reason, "", nowMillis));
            }
            LOG.warn("{} is refused for good and kept as a dead letter: {}", entry.document(), describe(reason));
            order.settled(entry);
        }

        private void keepInFolder() throws SearchSinkException {
            if (!lettersForFolder.isEmpty() && options.deadLetters() instanceof DeadLetters.ToFolder place) {
                new DeadLetterFolder(place.folder()).write(lettersForFolder);
                lettersForFolder.clear();
            }
        }

        private void sendAgainLater() {
            int failures = failed.stream().mapToInt(BulkEntry::failures).max().orElseThrow();
            long delayMillis = options.retryPolicy().delayMillis(failures, random);
            long nowMillis = time.getCurrentProcessingTime();
            for (BulkEntry entry : failed) {
                long elapsedMillis = entry.failures() == 0 ? 0 : nowMillis - entry.firstFailureMillis();
                if (elapsedMillis + delayMillis
                        > options.retryPolicy().timeout().toMillis()) {
                    handler.completeExceptionally(new SearchSinkException(
                            entry.document() + " could not be stored within " + Duration.ofMillis(elapsedMillis)
                                    + " and " + entry.failures() + " attempts at " + options.endpoint() + ": "
                                    + lastFailure + "; check the search engine, or allow more time to retry"));
                    return;
                }
            }
            LOG.warn("{} documents will be sent again in {} ms: {}", failed.size(), delayMillis, lastFailure);
            var unused = time.registerTimer(nowMillis + delayMillis, instant -> sendAgain());
        }

        private void sendAgain() {
            documentsRetried.inc(failed.size());
            recordsSent.inc(failed.size());
            failed.forEach(entry -> bytesSent.inc(getSizeInBytes(entry)));
            ready.addAll(0, failed);
            failed.clear();
            proceed();
        }
    }

    private SearchSinkException fatal(String what, Item reason) {
        String hint = switch (reason.status()) {
            case 401, 403 -> "; check the credentials of the job and the access policy of the domain";
            case 404 -> "; create the index, or allow it to be created automatically, and check the endpoint";
            default -> "; check the endpoint and the index";
        };
        return new SearchSinkException(what + " by " + options.endpoint() + ": " + describe(reason) + hint);
    }

    private static String describe(Item reason) {
        String status = reason.status() == 0 ? "no usable answer: " : "status " + reason.status() + ": ";
        return status + (reason.errorType().isEmpty() ? "" : reason.errorType() + ": ") + reason.reason();
    }

    private void runInTask(Runnable action) {
        if (closed) {
            return;
        }
        try {
            mailbox.execute(action::run, "answer to a bulk request");
        } catch (RejectedExecutionException e) {
            // The task is closing; its documents are in the last checkpoint, or are sent again from before it.
            LOG.debug("The answer to a bulk request came after the end of the task", e);
        }
    }

    /**
     * What came back for a bulk request: an answer for each document, or one for all of them.
     *
     * @param items empty if the request failed as a whole
     * @param verdict on all the documents, if there are no items
     * @param reason of the verdict, with status 0 if there was no answer, or none that could be understood
     */
    private record Answer(List<Item> items, Verdict verdict, Item reason) {

        static Answer of(List<BulkEntry> part, Reply reply, Exception failure) {
            if (failure != null) {
                return new Answer(List.of(), Verdict.RETRY, new Item(0, "", failure.toString()));
            }
            Verdict verdict = Verdict.ofRequest(reply.status());
            if (verdict != Verdict.STORED) {
                return new Answer(List.of(), verdict, new Item(reply.status(), "", BulkResponse.reason(reply.body())));
            }
            try {
                return new Answer(BulkResponse.read(reply.body(), part), verdict, new Item(reply.status(), "", ""));
            } catch (IOException e) {
                return new Answer(List.of(), Verdict.RETRY, new Item(0, "", e.getMessage()));
            }
        }
    }
}
