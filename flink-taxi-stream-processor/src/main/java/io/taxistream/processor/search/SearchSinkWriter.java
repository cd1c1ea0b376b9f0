package io.taxistream.processor.search;

import io.taxistream.processor.search.BulkResponse.Item;
import io.taxistream.processor.search.SearchClient.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriter;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import org.apache.flink.connector.base.sink.writer.strategy.AIMDScalingStrategy;
import org.apache.flink.connector.base.sink.writer.strategy.CongestionControlRateLimitingStrategy;
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

    /** A batch that was halved until each document was alone takes this many requests one after the other, and more. */
    private static final int REQUESTS_PER_BATCH = 12;

    private final SearchSinkOptions options;
    private final SearchClient client;
    private final DoubleSupplier random;
    private final MailboxExecutor mailbox;
    private final ProcessingTimeService time;

    private final Counter documentsStored;
    private final Counter bytesStored;
    private final Counter documentsRefused;
    private final Counter documentsRetried;
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
            Collection<BufferedRequestState<BulkEntry>> restored) {
        super(converter, context, configuration(options), withSizesOf(options, restored));
        this.options = options;
        this.client = client;
        this.random = random;
        this.mailbox = context.getMailboxExecutor();
        this.time = context.getProcessingTimeService();
        SinkWriterMetricGroup metrics = context.metricGroup();
        // Flink's own numRecordsSend and numBytesSend, which the base class keeps, count every attempt.
        this.documentsStored = metrics.counter(SearchSink.DOCUMENTS_STORED_METRIC);
        this.bytesStored = metrics.counter(SearchSink.BYTES_STORED_METRIC);
        this.documentsRefused = metrics.getNumRecordsSendErrorsCounter();
        this.documentsRetried = metrics.counter(SearchSink.DOCUMENTS_RETRIED_METRIC);
        metrics.counter(SearchSink.DOCUMENTS_DEAD_METRIC, documentsRefused);
        this.bulkLatencyMillis =
                metrics.histogram(SearchSink.BULK_LATENCY_METRIC, new DescriptiveStatisticsHistogram(LATENCY_WINDOW));
        metrics.gauge(SearchSink.BULK_REQUESTS_IN_FLIGHT_METRIC, () -> bulkRequestsInFlight);
    }

    private static AsyncSinkWriterConfiguration configuration(SearchSinkOptions options) {
        int maxDocumentsInFlight = options.bulkActions() * options.maxInFlightRequests();
        // Half as many documents in flight after a failure, a little more after each success.
        var scaling = AIMDScalingStrategy.builder(maxDocumentsInFlight)
                .setIncreaseRate(Math.max(1, options.bulkActions() / 10))
                .build();
        return AsyncSinkWriterConfiguration.builder()
                .setMaxBatchSize(options.bulkActions())
                .setMaxBatchSizeInBytes(options.bulkBytes())
                .setMaxInFlightRequests(options.maxInFlightRequests())
                .setMaxBufferedRequests(2 * options.bulkActions())
                .setMaxTimeInBufferMS(options.flushInterval().toMillis())
                .setMaxRecordSizeInBytes(options.bulkBytes())
                .setRateLimitingStrategy(CongestionControlRateLimitingStrategy.builder()
                        .setMaxInFlightRequests(options.maxInFlightRequests())
                        .setInitialMaxInFlightMessages(maxDocumentsInFlight)
                        .setScalingStrategy(scaling)
                        .build())
                // Comes into play only if the HTTP client, which has time-outs of its own, should never answer.
                .setRequestTimeoutMS(
                        REQUESTS_PER_BATCH * options.requestTimeout().toMillis()
                                + options.retryPolicy().maxDelay().toMillis())
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
        new Batch(entries, handler).proceed();
    }

    @Override
    public void close() {
        closed = true;
        super.close();
        client.close();
    }

    /** What Flink handed over to be sent at once, until nothing of it is left to be decided. */
    private final class Batch {

        private final ResultHandler<BulkEntry> handler;

        /** Not sent yet. More than one if a part was refused as a whole, or is known to be too large. */
        private final Deque<List<BulkEntry>> parts = new ArrayDeque<>();

        private final List<BulkEntry> deadLetters = new ArrayList<>();
        private final List<BulkEntry> failed = new ArrayList<>();
        private String firstFailure = "";

        Batch(List<BulkEntry> entries, ResultHandler<BulkEntry> handler) {
            this.handler = handler;
            List<BulkEntry> part = new ArrayList<>();
            long partBytes = 0;
            for (BulkEntry entry : entries) {
                long bytes = BulkBody.size(entry.document());
                if (!part.isEmpty() && partBytes + bytes > maxBodyBytes) {
                    parts.add(part);
                    part = new ArrayList<>();
                    partBytes = 0;
                }
                part.add(entry);
                partBytes += bytes;
            }
            parts.add(part);
        }

        void proceed() {
            if (parts.isEmpty() && !deadLetters.isEmpty()) {
                parts.add(List.copyOf(deadLetters));
                deadLetters.clear();
            }
            if (parts.isEmpty()) {
                finish();
                return;
            }
            List<BulkEntry> part = parts.remove();
            long startNanos = System.nanoTime();
            bulkRequestsInFlight++;
            client.bulk(BulkBody.write(part, options.compressed()), options.compressed(), (reply, failure) -> {
                Answer answer = Answer.of(part, reply, failure);
                runInTask(() -> {
                    bulkRequestsInFlight--;
                    bulkLatencyMillis.update(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
                    onAnswer(part, answer);
                });
            });
        }

        private void onAnswer(List<BulkEntry> part, Answer answer) {
            try {
                if (!answer.items().isEmpty()) {
                    onItems(part, answer.items());
                } else {
                    onAnswerToAll(part, answer);
                }
            } catch (SearchSinkException e) {
                handler.completeExceptionally(e);
                return;
            }
            proceed();
        }

        private void onItems(List<BulkEntry> part, List<Item> items) throws SearchSinkException {
            for (int i = 0; i < part.size(); i++) {
                BulkEntry entry = part.get(i);
                Item item = items.get(i);
                switch (Verdict.ofItem(item.status(), item.errorType())) {
                    case STORED -> stored(entry);
                    case RETRY -> failed(entry, item);
                    case REFUSED -> refused(entry, item);
                    case FATAL -> throw fatal(entry.document() + " was refused", item);
                }
            }
        }

        private void onAnswerToAll(List<BulkEntry> part, Answer answer) throws SearchSinkException {
            Item reason = answer.reason();
            switch (answer.verdict()) {
                case RETRY, STORED -> {
                    for (BulkEntry entry : part) {
                        failed(entry, reason);
                    }
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
        }

        private void failed(BulkEntry entry, Item reason) {
            if (failed.isEmpty()) {
                firstFailure = describe(reason);
            }
            failed.add(entry.failedAt(time.getCurrentProcessingTime()));
        }

        private void refused(BulkEntry entry, Item reason) throws SearchSinkException {
            if (entry.deadLetter()) {
                throw fatal("dead letter " + entry.document() + " was refused", reason);
            }
            documentsRefused.inc();
            if (options.deadLetterSuffix().isEmpty()) {
                LOG.error(
                        "{} is refused for good: {}; its source is {}",
                        entry.document(),
                        describe(reason),
                        DeadLetter.sourceText(entry.document()));
                return;
            }
            SearchDocument letter = DeadLetter.of(
                    entry.document(), reason, options.deadLetterSuffix(), time.getCurrentProcessingTime());
            LOG.warn(
                    "{} is refused for good and kept in index {}: {}",
                    entry.document(),
                    letter.index(),
                    describe(reason));
            deadLetters.add(BulkEntry.deadLetter(letter));
        }

        private void finish() {
            if (failed.isEmpty()) {
                handler.complete();
                return;
            }
            int failures = failed.stream().mapToInt(BulkEntry::failures).max().orElseThrow();
            long delayMillis = options.retryPolicy().delayMillis(failures, random);
            long nowMillis = time.getCurrentProcessingTime();
            for (BulkEntry entry : failed) {
                long elapsedMillis = nowMillis - entry.firstFailureMillis();
                if (elapsedMillis + delayMillis
                        > options.retryPolicy().timeout().toMillis()) {
                    handler.completeExceptionally(new SearchSinkException(
                            entry.document() + " could not be stored within " + Duration.ofMillis(elapsedMillis)
                                    + " and " + entry.failures() + " attempts at " + options.endpoint() + ": "
                                    + firstFailure + "; check the search engine, or allow more time to retry"));
                    return;
                }
            }
            documentsRetried.inc(failed.size());
            LOG.warn("{} documents will be sent again in {} ms: {}", failed.size(), delayMillis, firstFailure);
            var unused = time.registerTimer(nowMillis + delayMillis, instant -> handler.retryForEntries(failed));
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
