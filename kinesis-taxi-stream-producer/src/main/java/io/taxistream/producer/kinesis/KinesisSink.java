package io.taxistream.producer.kinesis;

import io.taxistream.eventtime.PartWatermarks;
import io.taxistream.eventtime.sender.EventSender;
import io.taxistream.eventtime.sender.EventSenderBuilder;
import io.taxistream.eventtime.sender.SenderFailedException;
import io.taxistream.eventtime.sender.SenderStatistics;
import io.taxistream.producer.events.EventForm;
import io.taxistream.producer.replay.EventSink;
import io.taxistream.producer.replay.SinkStatus;
import io.taxistream.producer.replay.StreamFailedException;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * A Kinesis stream as a sink. Once it has failed, its message gives the position from which to resume.
 *
 * @param <E> type of the events
 */
public final class KinesisSink<E> implements EventSink<E> {

    private static final int MAX_IN_FLIGHT = 1 << 15;

    /** Twice the number in flight, because the next event is recorded before there is room for it. */
    private static final int HISTORY_SIZE = 2 * MAX_IN_FLIGHT;

    private final EventSender sender;
    private final EventForm<E> form;
    private final boolean ends;

    /** Input times of the last events, indexed by event number. */
    private final long[] sourceTimes = new long[HISTORY_SIZE];

    private long events;
    private long advancedMillis = PartWatermarks.NO_WATERMARK;

    private KinesisSink(EventSender sender, EventForm<E> form, boolean ends) {
        this.sender = sender;
        this.form = form;
        this.ends = ends;
    }

    /**
     * Opens a stream for sending; waits while the stream is being created.
     *
     * @param ends whether the part ends with its input
     * @throws StreamFailedException if the stream does not exist, is unreachable or unusable
     */
    public static <E> KinesisSink<E> open(EventSenderBuilder options, EventForm<E> form, boolean ends) {
        try {
            return new KinesisSink<>(options.maxInFlight(MAX_IN_FLIGHT).build(), form, ends);
        } catch (SenderFailedException e) {
            throw new StreamFailedException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Continues an interrupted replay.
     *
     * @return the watermark after which it resumes, in milliseconds since the epoch; empty if the stream holds none of
     *     the part
     * @throws StreamFailedException if the stream cannot be read
     */
    public OptionalLong resume() {
        try {
            OptionalLong last = sender.resume();
            last.ifPresent(watermarkMillis -> advancedMillis = watermarkMillis);
            return last;
        } catch (SenderFailedException e) {
            throw new StreamFailedException(e.getMessage() + "; set the time to resume at with -seek", e);
        }
    }

    @Override
    public void advanceTo(long eventTimeMillis) {
        if (eventTimeMillis > advancedMillis) {
            advancedMillis = eventTimeMillis;
            sender.advanceTo(eventTimeMillis);
        }
    }

    @Override
    public void send(E event, long sourceTimeMillis) {
        long eventTimeMillis = form.timeMillis(event);
        advanceTo(eventTimeMillis);
        sourceTimes[(int) (events++ % HISTORY_SIZE)] = sourceTimeMillis;
        try {
            sender.send(form.bytes(event), eventTimeMillis, form.key(event));
        } catch (SenderFailedException e) {
            throw withSeek(e);
        }
    }

    @Override
    public void finish(boolean complete) {
        if (complete && advancedMillis != PartWatermarks.NO_WATERMARK) {
            advanceTo(advancedMillis + 1);
        }
        try {
            if (complete && ends) {
                sender.end();
            } else {
                sender.flush();
            }
        } catch (SenderFailedException e) {
            throw withSeek(e);
        }
    }

    /**
     * Marks the part as ended, on behalf of a process that cannot do so itself.
     *
     * @throws StreamFailedException if the stream cannot be read or does not accept the end
     */
    public void endPart() {
        try {
            sender.end();
        } catch (SenderFailedException e) {
            throw withSeek(e);
        }
    }

    @Override
    public SinkStatus status() {
        SenderStatistics now = sender.statistics();
        return new SinkStatus(now.sent(), now.inFlight(), now.retried(), now.watermarkMillis());
    }

    @Override
    public void close() {
        try {
            sender.close();
        } catch (SenderFailedException e) {
            throw withSeek(e);
        }
    }

    private StreamFailedException withSeek(SenderFailedException e) {
        SenderStatistics now = sender.statistics();
        if (now.inFlight() == 0) {
            return new StreamFailedException(String.valueOf(e.getMessage()), e);
        }
        long first = now.sent() - now.inFlight();
        return new StreamFailedException(
                e.getMessage() + "; resume later with -seek "
                        + Instant.ofEpochMilli(sourceTimes[(int) (first % HISTORY_SIZE)]),
                e);
    }
}
