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
 * <p>Every document that is not settled is in one queue or in flight, so that what failed is sent again together with what
 * came after it, in requests as large as the engine takes at that moment. Nothing is kept in checkpoints: they are taken
 * when all documents are settled.
 *
 * <p>All state belongs to the task's thread. The HTTP client's thread only reads responses and hands them over. Waiting
 * for the next attempt is a timer, never a sleep.
 */
final class SearchSinkWriter<T> implements SinkWriter<T> {

    private static final Logger LOG = LoggerFactory.getLogger(SearchSinkWriter.class);

    /** Documents that may wait while the engine has as many as it takes, in full bulk requests. */
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
    private final RefusalGuard refusals;
    private final WatermarkGate watermarks;

    /** Largest body that the engine is not known to refuse as too large. */
    private long maxBodyBytes;

    /** Whether requests are sent although they are not full, until the queue is empty. */
    private boolean flushing;

    private boolean flushTimerRuns;
    private boolean writtenSinceWatermark;

    /** Number of timers that have to fire before the next request: the engine took nothing of the last ones. */
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
        this.refusals = new RefusalGuard(options.maxRefusedShare(), options.minRefusedDocuments());
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
     * Waits until every document written so far is stored or dead, before a checkpoint just as at the end of the input.
     * Nothing is left to be restored, which another writer might then store after a later document of the same id.
     *
     * <p>As attempts for a document are limited in time, the wait ends, if need be with the job failing.
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

    /** Sends as many requests as are due and the engine may get. */
    private void send() {
        while (isDue() && isAllowed()) {
            List<BulkEntry> request = queue.take(limit.requestSize(), maxBodyBytes);
            if (request.isEmpty()) {
                // Each waits for an earlier document of its id, whose answer or timer comes back here.
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
                && (limit.requests() == 0 || !refusals.isSearching());
    }

    private void send(List<BulkEntry> request) {
        long startNanos = System.nanoTime();
        limit.sent(request.size());
        metrics.sent(request);
        ScheduledFuture<?> watchdog = failWithoutAnswer();
        byte[] body = BulkBody.write(request, options.compressed());
        // The task's thread parses the answer: the client's thread is free for the next request.
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

    /** The HTTP client has timeouts, so this is for a client whose thread died: the job must not wait forever. */
    private ScheduledFuture<?> failWithoutAnswer() {
        Duration patience =
                options.retryPolicy().timeout().plus(options.requestTimeout().multipliedBy(3));
        return time.registerTimer(
                time.getCurrentProcessingTime() + patience.toMillis(),
                instant -> runInTask(() -> {
                    throw new SearchSinkException("the HTTP client reported neither an answer nor a failure within "
                            + patience + "; see the task manager's log");
                }));
    }

    private void onAnswer(List<BulkEntry> request, Answer answer) throws SearchSinkException {
        if (answer.items().isEmpty()) {
            onAnswerToAll(request, answer);
        } else {
            onItems(request, answer.items());
        }
        send();
    }

    private void onItems(List<BulkEntry> request, List<Item> items) throws SearchSinkException {
        refusals.requestAccepted();
        stopIfUseless(request, items);
        Set<DocumentQueue.Key> storedIds = new HashSet<>();
        Deque<BulkEntry> failed = new ArrayDeque<>();
        List<BulkEntry> refused = new ArrayList<>();
        List<Item> reasons = new ArrayList<>();
        String lastFailure = "";
        // Backwards, because a document is not sent again if a later one of its id was stored.
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
                case REFUSED -> {
                    refused.add(entry);
                    reasons.add(item);
                }
                case FATAL -> throw fatal(entry.document() + " was refused", item);
            }
        }
        keepDeadLetters(refused, reasons);
        if (failed.isEmpty()) {
            limit.raise();
        } else {
            limit.halve();
            retryLater(List.copyOf(failed), lastFailure, failed.size() == request.size());
        }
    }

    /** Before any document of this answer becomes a dead letter. */
    private void stopIfUseless(List<BulkEntry> request, List<Item> items) throws SearchSinkException {
        for (int i = 0; i < request.size(); i++) {
            BulkEntry entry = request.get(i);
            Verdict verdict = Verdict.ofItem(items.get(i));
            if (!entry.deadLetter() && verdict == Verdict.STORED) {
                refusals.stored(entry.document().index());
            } else if (!entry.deadLetter() && verdict == Verdict.REFUSED) {
                refusals.refused(entry.document().index(), items.get(i));
            }
        }
        Optional<String> fault = refusals.fault();
        if (fault.isPresent()) {
            throw new SearchSinkException(fault.get() + "; check the mapping and the settings of the index at "
                    + options.endpoint() + ", or allow a larger share of dead letters");
        }
    }

    private void onAnswerToAll(List<BulkEntry> request, Answer answer) throws SearchSinkException {
        Item reason = answer.reason();
        switch (answer.verdict()) {
            case RETRY, STORED -> {
                limit.halve();
                retryLater(request, reason.toString(), true);
            }
            case REFUSED -> {
                if (refusals.requestRefused(request.size(), reason)) {
                    throw fatal("every bulk request was refused, whichever document it held,", reason);
                }
                if (request.size() == 1) {
                    refusedAlone(request.get(0), reason);
                } else {
                    sendInHalves(request, reason);
                }
            }
            case FATAL -> throw fatal("the bulk request was refused", reason);
        }
    }

    private void refusedAlone(BulkEntry entry, Item reason) throws SearchSinkException {
        stopIfUseless(List.of(entry), List.of(reason));
        keepDeadLetters(List.of(entry), List.of(reason));
    }

    private void sendInHalves(List<BulkEntry> request, Item reason) {
        int half = (request.size() + 1) / 2;
        LOG.info("A bulk request of {} documents is sent again in two halves: {}", request.size(), reason);
        flushing = true;
        if (reason.status() == 413) {
            long bytes = request.stream()
                    .mapToLong(entry -> BulkBody.size(entry.document()))
                    .sum();
            maxBodyBytes = Math.min(maxBodyBytes, bytes / 2);
            queue.giveBack(request);
        } else {
            queue.giveBack(request.stream()
                    .map(entry -> entry.withAtMostTogether(half))
                    .toList());
        }
    }

    private void keepDeadLetters(List<BulkEntry> refused, List<Item> reasons) throws SearchSinkException {
        List<SearchDocument> forFolder = new ArrayList<>();
        long nowMillis = time.getCurrentProcessingTime();
        for (int i = 0; i < refused.size(); i++) {
            BulkEntry entry = refused.get(i);
            Item reason = reasons.get(i);
            if (entry.deadLetter()) {
                throw fatal("dead letter " + entry.document() + " was refused", reason);
            }
            if (options.deadLetters() instanceof DeadLetters.ToIndex place) {
                enqueue(BulkEntry.deadLetter(DeadLetter.of(entry.document(), reason, place.suffix(), nowMillis)));
            } else {
                forFolder.add(DeadLetter.of(entry.document(), reason, "", nowMillis));
            }
            metrics.refused();
            queue.settled(entry);
            LOG.warn("{} is refused for good and kept as a dead letter: {}", entry.document(), reason);
        }
        if (!forFolder.isEmpty() && options.deadLetters() instanceof DeadLetters.ToFolder place) {
            new DeadLetterFolder(place.folder()).write(forFolder);
        }
    }

    /**
     * Puts documents back into the queue after a wait.
     *
     * @param pause whether no request at all is sent until then
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
                    "{} documents are sent again in {} ms after failure {}: {}",
                    failed.size(),
                    delayMillis,
                    failures,
                    reason);
        }
        pauses += pause ? 1 : 0;
        var unused = time.registerTimer(nowMillis + delayMillis, instant -> {
            pauses -= pause ? 1 : 0;
            metrics.retried(failed);
            queue.giveBack(failed);
            flushing = true;
            send();
        });
    }

    private SearchSinkException fatal(String what, Item reason) {
        String advice = IndexFault.of(reason).map(IndexFault::advice).orElseGet(() -> switch (reason.status()) {
            case 401, 403 -> "check the credentials of the job and the access policy of the domain";
            default -> "check the endpoint and the index";
        });
        return new SearchSinkException(what + " by " + options.endpoint() + ": " + reason + "; " + advice);
    }

    private void runInTask(ThrowingRunnable<SearchSinkException> action) {
        if (closed) {
            return;
        }
        try {
            mailbox.execute(action, "answer to a bulk request");
        } catch (RejectedExecutionException e) {
            // The task is closing; its documents are in the last checkpoint, or are sent again from before it.
            LOG.debug("The answer to a bulk request came after the end of the task", e);
        }
    }
}
