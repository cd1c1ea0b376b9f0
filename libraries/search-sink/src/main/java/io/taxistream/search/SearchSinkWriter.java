package io.taxistream.search;

import io.taxistream.search.BulkResponse.Item;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.util.function.ThrowingRunnable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends documents in bulk requests until each is acknowledged or replaced by a dead letter.
 *
 * <p>Every unsettled document is either queued or in flight. Failed documents are therefore sent again together with newer
 * ones, in requests as large as the engine currently accepts. Checkpoints contain no state, because they are taken when all
 * documents are settled.
 *
 * <p>The task's thread owns all state. The HTTP client's thread only receives responses and passes them on. Delays before
 * retries use timers; the task never sleeps.
 */
final class SearchSinkWriter<T> implements SinkWriter<T> {

    private static final Logger LOG = LoggerFactory.getLogger(SearchSinkWriter.class);

    /** Maximum number of documents buffered while the in-flight limit is reached, in full bulk requests. */
    private static final int BUFFERED_REQUESTS = 2;

    private final Function<T, SearchDocument> documents;
    private final SearchSinkOptions options;
    private final BulkClient client;
    private final DoubleSupplier random;
    private final MailboxExecutor mailbox;
    private final ProcessingTimeService time;
    private final WriterMetrics metrics;

    private final DocumentQueue queue = new DocumentQueue();
    private final InFlightLimit limit;
    private final RejectionTracker rejections;
    private final WatermarkGate watermarks;

    /** Largest body not known to exceed the engine's limit. */
    private long maxBodyBytes;

    /** Whether partial requests are sent until the queue is empty. */
    private boolean flushing;

    private boolean flushTimerRuns;
    private boolean writtenSinceWatermark;

    /** Number of timers pending before the next request, because the engine has pushed back on the last ones. */
    private int pauses;

    private volatile boolean closed;

    SearchSinkWriter(
            Function<T, SearchDocument> documents,
            SearchSinkOptions options,
            BulkClient client,
            MailboxExecutor mailbox,
            ProcessingTimeService time,
            SinkWriterMetricGroup metrics,
            DoubleSupplier random) {
        this.documents = documents;
        this.options = options;
        this.client = client;
        this.random = random;
        this.mailbox = mailbox;
        this.time = time;
        this.limit = new InFlightLimit(options.maxInFlightRequests(), options.bulkActions());
        this.rejections = new RejectionTracker(options.maxRejectedShare(), options.minRejectedDocuments());
        this.watermarks = new WatermarkGate(options.flushInterval());
        this.maxBodyBytes = options.bulkBytes();
        this.metrics = new WriterMetrics(metrics, options.metricGroup(), limit::requests);
    }

    @Override
    public void write(T element, Context context) throws InterruptedException {
        while (queue.size() >= BUFFERED_REQUESTS * options.bulkActions()) {
            mailbox.yield();
        }
        writtenSinceWatermark = true;
        enqueue(BulkEntry.first(documents.apply(element)));
        send();
    }

    @Override
    public void writeWatermark(Watermark watermark) {
        if (writtenSinceWatermark) {
            writtenSinceWatermark = false;
            if (watermarks.opens(time.getCurrentProcessingTime())) {
                flushing = true;
                send();
            }
        }
    }

    /**
     * Waits until every document written so far is stored or dead, both before a checkpoint and at the end of the input. No
     * documents remain to be restored, so no other writer can store one of them after a later document with the same id.
     *
     * <p>Retries of a document are limited in time, so the wait ends, if necessary by failing the job.
     */
    @Override
    public void flush(boolean endOfInput) throws InterruptedException {
        flushing = true;
        send();
        while (!queue.isSettled()) {
            mailbox.yield();
            flushing = true;
            send();
        }
    }

    @Override
    public void close() {
        closed = true;
        client.close();
    }

    private void enqueue(BulkEntry entry) {
        queue.add(entry);
        if (!flushTimerRuns) {
            flushTimerRuns = true;
            var unused = time.registerTimer(
                    time.getCurrentProcessingTime() + options.flushInterval().toMillis(), instant -> {
                        flushTimerRuns = false;
                        flushing = true;
                        send();
                    });
        }
    }

    /** Sends all requests that are due and allowed by the limit. */
    private void send() {
        while (isDue() && isAllowed()) {
            List<BulkEntry> request = queue.take(limit.requestSize(), maxBodyBytes);
            if (request.isEmpty()) {
                // All documents wait for an earlier one with the same id, whose response or timer calls this method
                // again.
                return;
            }
            send(request);
        }
        flushing &= queue.size() > 0;
    }

    private boolean isDue() {
        return queue.size() > 0 && (flushing || queue.size() >= limit.requestSize() || queue.bytes() >= maxBodyBytes);
    }

    private boolean isAllowed() {
        return pauses == 0
                && limit.allows(Math.min(queue.size(), limit.requestSize()))
                && (limit.requests() == 0 || !rejections.isBisecting());
    }

    private void send(List<BulkEntry> request) {
        long startNanos = System.nanoTime();
        limit.sent(request.size());
        metrics.sent(request);
        ScheduledFuture<?> watchdog = startWatchdog();
        byte[] body = BulkBody.write(request, options.compressed());
        // The response is parsed in the task's thread, which frees the client's thread for the next request.
        client.bulk(
                body,
                options.compressed(),
                (reply, failure) -> runInTask(() -> {
                    watchdog.cancel(false);
                    limit.answered(request.size());
                    metrics.answered(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
                    onAnswer(request, Answer.of(request, reply, failure));
                }));
    }

    /** The HTTP client has timeouts, so this only handles a client whose thread died: the job must not wait forever. */
    private ScheduledFuture<?> startWatchdog() {
        Duration timeout =
                options.retryPolicy().timeout().plus(options.requestTimeout().multipliedBy(3));
        return time.registerTimer(
                time.getCurrentProcessingTime() + timeout.toMillis(),
                instant -> runInTask(() -> {
                    throw new SearchSinkException("the HTTP client reported neither a response nor a failure within "
                            + timeout + "; see the task manager's log");
                }));
    }

    private void onAnswer(List<BulkEntry> request, Answer answer) throws SearchSinkException {
        if (answer.items().isEmpty()) {
            onRequestFailure(request, answer);
        } else {
            onItems(request, answer.items());
        }
        send();
    }

    private void onItems(List<BulkEntry> request, List<Item> items) throws SearchSinkException {
        rejections.requestAccepted();
        failIfMostRejected(request, items);
        Set<DocumentQueue.Key> storedIds = new HashSet<>();
        Deque<BulkEntry> failed = new ArrayDeque<>();
        List<BulkEntry> rejected = new ArrayList<>();
        List<Item> reasons = new ArrayList<>();
        String lastFailure = "";
        // Backwards, because a document is not retried if a later one with the same id was stored.
        for (int i = request.size() - 1; i >= 0; i--) {
            BulkEntry entry = request.get(i);
            Item item = items.get(i);
            switch (Verdict.ofItem(item)) {
                case STORED -> {
                    metrics.stored(entry);
                    storedIds.add(DocumentQueue.Key.of(entry));
                    queue.settled(entry);
                }
                case RETRY -> {
                    if (storedIds.contains(DocumentQueue.Key.of(entry))) {
                        metrics.superseded();
                        queue.settled(entry);
                    } else {
                        failed.addFirst(entry);
                        lastFailure = item.toString();
                    }
                }
                case REJECTED -> {
                    rejected.add(entry);
                    reasons.add(item);
                }
                case FATAL -> throw fatal(entry.document() + " was rejected", item);
            }
        }
        keepDeadLetters(rejected, reasons);
        if (failed.isEmpty()) {
            limit.raise();
        } else {
            limit.halve();
            retryLater(List.copyOf(failed), lastFailure, failed.size() == request.size());
        }
    }

    /** Must be called before any document of this response becomes a dead letter. */
    private void failIfMostRejected(List<BulkEntry> request, List<Item> items) throws SearchSinkException {
        for (int i = 0; i < request.size(); i++) {
            BulkEntry entry = request.get(i);
            Verdict verdict = Verdict.ofItem(items.get(i));
            if (!entry.deadLetter() && verdict == Verdict.STORED) {
                rejections.stored(entry.document().index());
            } else if (!entry.deadLetter() && verdict == Verdict.REJECTED) {
                rejections.rejected(entry.document().index(), items.get(i));
            }
        }
        Optional<String> fault = rejections.tooManyRejections();
        if (fault.isPresent()) {
            throw new SearchSinkException(fault.get() + "; check the mapping and settings of the index at "
                    + options.endpoint() + ", or allow a larger share of dead letters");
        }
    }

    private void onRequestFailure(List<BulkEntry> request, Answer answer) throws SearchSinkException {
        Item reason = answer.reason();
        switch (answer.verdict()) {
            case RETRY, STORED -> {
                limit.halve();
                retryLater(request, reason.toString(), true);
            }
            case REJECTED -> {
                if (rejections.requestRejected(request.size(), reason)) {
                    throw fatal("every bulk request was rejected, whatever its documents,", reason);
                }
                if (request.size() == 1) {
                    rejectDocument(request.get(0), reason);
                } else {
                    resendInHalves(request, reason);
                }
            }
            case FATAL -> throw fatal("the bulk request was rejected", reason);
        }
    }

    private void rejectDocument(BulkEntry entry, Item reason) throws SearchSinkException {
        failIfMostRejected(List.of(entry), List.of(reason));
        keepDeadLetters(List.of(entry), List.of(reason));
    }

    private void resendInHalves(List<BulkEntry> request, Item reason) {
        int half = (request.size() + 1) / 2;
        LOG.info("Retrying a bulk request of {} documents in two halves: {}", request.size(), reason);
        flushing = true;
        if (reason.status() == 413) {
            long bytes = request.stream()
                    .mapToLong(entry -> BulkBody.size(entry.document()))
                    .sum();
            maxBodyBytes = Math.min(maxBodyBytes, bytes / 2);
            queue.requeue(request);
        } else {
            queue.requeue(
                    request.stream().map(entry -> entry.withMaxBatchSize(half)).toList());
        }
    }

    private void keepDeadLetters(List<BulkEntry> rejected, List<Item> reasons) throws SearchSinkException {
        List<SearchDocument> forFolder = new ArrayList<>();
        long nowMillis = time.getCurrentProcessingTime();
        for (int i = 0; i < rejected.size(); i++) {
            BulkEntry entry = rejected.get(i);
            Item reason = reasons.get(i);
            if (entry.deadLetter()) {
                throw fatal("dead letter " + entry.document() + " was rejected", reason);
            }
            if (options.deadLetters() instanceof DeadLetters.ToIndex place) {
                enqueue(BulkEntry.deadLetter(DeadLetter.of(entry.document(), reason, place.suffix(), nowMillis)));
            } else {
                forFolder.add(DeadLetter.of(entry.document(), reason, "", nowMillis));
            }
            metrics.rejected();
            queue.settled(entry);
            LOG.warn("{} is permanently rejected and stored as a dead letter: {}", entry.document(), reason);
        }
        if (!forFolder.isEmpty() && options.deadLetters() instanceof DeadLetters.ToFolder place) {
            new DeadLetterFolder(place.folder()).write(forFolder);
        }
    }

    /**
     * Returns documents to the queue after a delay.
     *
     * @param pause whether to send no requests at all until then
     */
    private void retryLater(List<BulkEntry> request, String reason, boolean pause) throws SearchSinkException {
        long nowMillis = time.getCurrentProcessingTime();
        List<BulkEntry> failed =
                request.stream().map(entry -> entry.failedAt(nowMillis)).toList();
        int failures = failed.stream().mapToInt(BulkEntry::failures).max().orElseThrow();
        long delayMillis = options.retryPolicy().delayMillis(failures, random);
        for (BulkEntry entry : failed) {
            long elapsedMillis = nowMillis - entry.firstFailureMillis();
            if (elapsedMillis + delayMillis > options.retryPolicy().timeout().toMillis()) {
                throw new SearchSinkException(entry.document() + " could not be stored within "
                        + Duration.ofMillis(elapsedMillis) + " and " + entry.failures() + " attempts at "
                        + options.endpoint() + ": " + reason
                        + "; check the search engine, or allow more time to retry");
            }
        }
        if (Integer.bitCount(failures) == 1) {
            // At 1, 2, 4, 8... failures, so that a long outage does not flood the log.
            LOG.warn(
                    "Retrying {} documents in {} ms after failure {}: {}",
                    failed.size(),
                    delayMillis,
                    failures,
                    reason);
        }
        pauses += pause ? 1 : 0;
        var unused = time.registerTimer(nowMillis + delayMillis, instant -> {
            pauses -= pause ? 1 : 0;
            metrics.retried(failed);
            queue.requeue(failed);
            flushing = true;
            send();
        });
    }

    private SearchSinkException fatal(String what, Item reason) {
        String remedy = IndexFault.of(reason).map(IndexFault::remedy).orElseGet(() -> switch (reason.status()) {
            case 401, 403 -> "check the credentials of the job and the access policy of the domain";
            default -> "check the endpoint and the index";
        });
        return new SearchSinkException(what + " by " + options.endpoint() + ": " + reason + "; " + remedy);
    }

    private void runInTask(ThrowingRunnable<SearchSinkException> action) {
        if (closed) {
            return;
        }
        try {
            mailbox.execute(action, "response to a bulk request");
        } catch (RejectedExecutionException e) {
            // The task is closing; its documents are covered by the last checkpoint or will be sent again after a
            // restore.
            LOG.debug("The response to a bulk request arrived after the end of the task", e);
        }
    }
}
