package io.taxistream.producer.replay;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.producer.events.EventForm;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Prints records instead of sending them, one per line, as in a stream of one shard.
 *
 * <p>A watermark precedes the first event of each minute of event time and ends the output, so that the output depends
 * on the input only and not on the speed.
 *
 * @param <E> type of the events
 */
public final class PrintedEvents<E> implements EventSink<E> {

    private static final long WATERMARK_INTERVAL_MILLIS = 60_000;

    private final OutputStream out;
    private final boolean watermarks;
    private final EventForm<E> form;
    private final Part part;

    private long lastMillis = Long.MIN_VALUE;
    private long advancedMillis = Long.MIN_VALUE;
    private final AtomicLong sent = new AtomicLong();
    private volatile long watermarkMillis = SinkStatus.NO_WATERMARK;

    /**
     * @param watermarks whether to print watermarks between the events
     * @param part part that the watermarks belong to
     */
    public PrintedEvents(OutputStream out, EventForm<E> form, boolean watermarks, Part part) {
        this.out = new BufferedOutputStream(out, 1 << 16);
        this.form = form;
        this.watermarks = watermarks;
        this.part = part;
    }

    @Override
    public void advanceTo(long eventTimeMillis) {
        advancedMillis = Math.max(advancedMillis, eventTimeMillis);
    }

    @Override
    public void beforeWait() {
        try {
            out.flush();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    @Override
    public void send(E event, long sourceTimeMillis) {
        long millis = form.timeMillis(event);
        if (millis < lastMillis) {
            throw new IllegalArgumentException("events must be in time order");
        }
        boolean newMinute = lastMillis != Long.MIN_VALUE
                && Math.floorDiv(millis, WATERMARK_INTERVAL_MILLIS)
                        > Math.floorDiv(lastMillis, WATERMARK_INTERVAL_MILLIS);
        lastMillis = millis;
        if (newMinute) {
            printWatermark(millis - 1, false);
        }
        print(form.bytes(event));
        sent.lazySet(sent.get() + 1);
    }

    @Override
    public void finish(boolean complete) {
        long last = Math.max(lastMillis, advancedMillis);
        if (last != Long.MIN_VALUE) {
            printWatermark(complete ? last : last - 1, complete && !part.isOnly());
        }
        beforeWait();
    }

    @Override
    public SinkStatus status() {
        return new SinkStatus(sent.get(), 0, 0, watermarkMillis);
    }

    @Override
    public void close() {
        // the output is closed by its owner
    }

    private void printWatermark(long millis, boolean ended) {
        if (watermarks) {
            print(new WatermarkRecord(millis, part, ended).toBytes());
            watermarkMillis = millis;
        }
    }

    private void print(byte[] record) {
        try {
            out.write(record);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private static RuntimeException unwritable(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.toLowerCase(Locale.ROOT).contains("pipe")
                ? new OutputClosedException(e)
                : new StreamFailedException("standard output cannot be written: " + message, e);
    }

    /** Thrown if the reader of the output has closed it, as {@code head} does. */
    public static final class OutputClosedException extends RuntimeException {

        OutputClosedException(IOException cause) {
            super("standard output is closed: " + cause.getMessage(), cause);
        }
    }
}
