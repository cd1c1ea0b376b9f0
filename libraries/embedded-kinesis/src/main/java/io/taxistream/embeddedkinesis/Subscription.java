package io.taxistream.embeddedkinesis;

import com.fasterxml.jackson.core.JsonGenerator;
import io.taxistream.embeddedkinesis.ConsumerOperations.Admission;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/**
 * A call of SubscribeToShard. It reads an event from disk when the client's flow control has admitted the previous one, so at
 * most one event is in memory, however slow the client is.
 */
final class Subscription extends IteratingCallback {

    /** Settings shared by all subscriptions. */
    record Settings(Clock clock, long lifetimeMillis, boolean enforceLimits, Consumer<Throwable> onFailure) {}

    private static final int MAX_EVENT_RECORDS = 10_000;
    private static final int MAX_EVENT_BYTES = 128 * 1024;
    /** Encoded size of a record in addition to its key and data, and of an event. */
    private static final int RECORD_OVERHEAD_BYTES = 200;

    private static final int EVENT_OVERHEAD_BYTES = 1024;
    /** Time without records after which an empty event is sent. */
    private static final long MAX_SILENCE_MILLIS = 5_000;
    /** Longest time that a client that does not read can keep an expired subscription open. */
    private static final long BLOCKED_MILLIS = 5_000;

    private final Admission admission;
    private final HttpCall call;
    private final Wire wire;
    private final Optional<Fault.SubscriptionFault> fault;
    private final Settings settings;
    private final Consumer<Subscription> onEnd;
    private final long endMillis;

    // written while iterating, which is done by one thread at a time
    private int events;
    private boolean hasSentFirst;
    private boolean hasSentLast;
    private boolean isBroken;

    private volatile long position;
    private volatile long lastEventMillis;
    private volatile boolean hasBegun;
    private volatile boolean isWriting;
    private volatile boolean isSilent;
    private volatile boolean hasEnded;
    private volatile @Nullable KinesisException ending;

    Subscription(
            Admission admission,
            HttpCall call,
            Wire wire,
            Optional<Fault.SubscriptionFault> fault,
            Settings settings,
            Consumer<Subscription> onEnd) {
        this.admission = admission;
        this.call = call;
        this.wire = wire;
        this.fault = fault;
        this.settings = settings;
        this.onEnd = onEnd;
        this.position = admission.position();
        this.lastEventMillis = settings.clock().millis();
        this.endMillis = lastEventMillis + settings.lifetimeMillis();
    }

    /** Sends the headers and the first event. */
    void begin(String requestId) {
        call.onFailure(this::abort);
        call.begin(200, Map.of("Content-Type", EventStreamMessage.CONTENT_TYPE, "x-amzn-RequestId", requestId));
        hasBegun = true;
        iterate();
    }

    /** Ends the subscription with an error, after the event being sent. */
    void end(KinesisException error) {
        ending = error;
        iterate();
    }

    /** Returns whether {@link #iterate} would send something now or end the subscription. */
    boolean isDue(long nowMillis) {
        if (isWriting) {
            return isBlockedAtEnd(nowMillis);
        }
        if (!hasBegun || isSilent || hasEnded) {
            return false;
        }
        return isOver(nowMillis)
                || (admitsEvent(nowMillis)
                        && (nowMillis - lastEventMillis >= MAX_SILENCE_MILLIS
                                || admission.shard().hasUnread(position)));
    }

    /** Sends whatever is due. */
    void proceed() {
        if (isWriting && isBlockedAtEnd(settings.clock().millis())) {
            abort(new IOException("the client does not read, so its subscription cannot be closed"));
        } else {
            iterate();
        }
    }

    private boolean isBlockedAtEnd(long nowMillis) {
        return nowMillis >= endMillis + BLOCKED_MILLIS
                || (ending != null && nowMillis >= lastEventMillis + BLOCKED_MILLIS);
    }

    private boolean isOver(long nowMillis) {
        return ending != null
                || nowMillis >= endMillis
                || admission.consumer().isGone(nowMillis)
                || admission.stream().isGone(nowMillis);
    }

    private boolean admitsEvent(long nowMillis) {
        return !settings.enforceLimits() || admission.place().hasBytes(nowMillis);
    }

    @Override
    protected Action process() throws IOException {
        try {
            return next();
        } catch (IOException | RuntimeException | Error e) {
            isBroken = true;
            throw e;
        }
    }

    private Action next() throws IOException {
        isWriting = false;
        if (hasSentLast) {
            return Action.SUCCEEDED;
        }
        if (!hasBegun || isSilent) {
            return Action.IDLE;
        }
        if (!hasSentFirst) {
            hasSentFirst = true;
            return send(
                    EventStreamMessage.event("initial-response", wire, 0, out -> {
                        out.writeStartObject();
                        out.writeEndObject();
                    }),
                    false);
        }
        long now = settings.clock().millis();
        if (fault.isPresent() && events >= fault.get().afterEvents()) {
            return fail(fault.get());
        }
        Optional<KinesisException> error = error(now);
        if (error.isPresent()) {
            return send(EventStreamMessage.exception(error.get(), wire), true);
        }
        if (now >= endMillis) {
            return send(ByteBuffer.allocate(0), true);
        }
        boolean isEventDue = events == 0
                || now - lastEventMillis >= MAX_SILENCE_MILLIS
                || admission.shard().hasUnread(position);
        return isEventDue && admitsEvent(now) ? sendEvent(now) : Action.IDLE;
    }

    private Action fail(Fault.SubscriptionFault due) throws IOException {
        if (due instanceof Fault.SubscriptionError error) {
            return send(EventStreamMessage.exception(KinesisException.inEventStream(error.type()), wire), true);
        }
        if (due instanceof Fault.SubscriptionSilent) {
            isSilent = true;
            return Action.IDLE;
        }
        throw new EofException("a fault dropped the subscription");
    }

    private Optional<KinesisException> error(long nowMillis) {
        if (ending != null) {
            return Optional.of(ending);
        }
        if (admission.stream().isGone(nowMillis)) {
            return Optional.of(StreamRegistry.notFound(admission.stream().name()));
        }
        if (admission.consumer().isGone(nowMillis)) {
            return Optional.of(KinesisException.resourceNotFound(
                    "Consumer " + admission.consumer().arn() + " has been deregistered."));
        }
        return Optional.empty();
    }

    private Action sendEvent(long nowMillis) throws IOException {
        EmbeddedShard shard = admission.shard();
        try (EmbeddedShard.Read read = shard.readWithoutQuota(position, MAX_EVENT_RECORDS, MAX_EVENT_BYTES)) {
            position = read.nextPosition();
            admission.place().takeBytes(read.records().bytes());
            admission.stream().countRead(read.records().count());
            if (read.skipsTrimmed()) {
                admission.stream().countReadOfTrimmedRecords();
            }
            events++;
            lastEventMillis = nowMillis;
            long encodedBytes = (wire == Wire.JSON
                            ? 4 * read.records().bytes() / 3
                            : read.records().bytes())
                    + (long) RECORD_OVERHEAD_BYTES * read.records().count()
                    + EVENT_OVERHEAD_BYTES;
            return send(
                    EventStreamMessage.event(
                            "SubscribeToShardEvent",
                            wire,
                            Math.toIntExact(encodedBytes),
                            out -> writeEvent(read, nowMillis, out)),
                    read.isEnd());
        } catch (StorageException e) {
            settings.onFailure().accept(e);
            return send(
                    EventStreamMessage.exception(KinesisException.inEventStream("InternalFailureException"), wire),
                    true);
        }
    }

    private void writeEvent(EmbeddedShard.Read read, long nowMillis, JsonGenerator out) throws IOException {
        EmbeddedShard shard = admission.shard();
        out.writeStartObject();
        out.writeArrayFieldStart("Records");
        read.records().forEach((RecordLog.Entry entry) -> ShardWriter.writeRecord(shard, entry, wire, out));
        out.writeEndArray();
        ShardWriter.writeMillisBehindLatest(read.records(), nowMillis, out);
        if (read.isEnd()) {
            ShardWriter.writeChildren(shard, out);
        } else {
            // nothing after this number has been sent, whether or not a record has this number
            out.writeStringField(
                    "ContinuationSequenceNumber",
                    shard.sequenceNumberAt(Math.max(shard.startPosition(), position - 1)));
        }
        out.writeEndObject();
    }

    private Action send(ByteBuffer message, boolean isLast) {
        hasSentLast = isLast;
        isWriting = true;
        call.write(message, isLast, this);
        return Action.SCHEDULED;
    }

    @Override
    protected void onCompleteSuccess() {
        end();
        call.complete();
    }

    @Override
    protected void onAborted(Throwable cause) {
        // fails a write that may be waiting for the client, which completes the abort
        end();
        call.reset(cause);
    }

    @Override
    protected void onCompleteFailure(Throwable cause) {
        end();
        if (cause instanceof Error) {
            settings.onFailure().accept(cause);
        }
        if (isBroken) {
            call.closeConnection();
        } else {
            call.reset(cause);
        }
    }

    private void end() {
        hasEnded = true;
        admission.place().leave(this);
        onEnd.accept(this);
    }

    /** Blocking, because it reads from disk after a write. */
    @Override
    public InvocationType getInvocationType() {
        return InvocationType.BLOCKING;
    }
}
