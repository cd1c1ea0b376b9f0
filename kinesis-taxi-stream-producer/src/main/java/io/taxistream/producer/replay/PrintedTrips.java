package io.taxistream.producer.replay;

import io.taxistream.events.EventWriter;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Prints records instead of sending them, one a line, as they would be in a stream of one shard.
 *
 * <p>A watermark stands before the first trip of each minute of event time, and at the end. So the same input gives the
 * same output, whatever the speed.
 */
public final class PrintedTrips implements TripSink {

    private static final long WATERMARK_INTERVAL_MILLIS = 60_000;

    private final OutputStream out;
    private final boolean watermarks;
    private final EventWriter writer = new EventWriter();

    private long lastMillis = Long.MIN_VALUE;
    private final AtomicLong sent = new AtomicLong();
    private volatile long watermarkMillis = SinkStatus.NO_WATERMARK;

    /** @param watermarks whether to print watermarks between the trips */
    public PrintedTrips(OutputStream out, boolean watermarks) {
        this.out = new BufferedOutputStream(out, 1 << 16);
        this.watermarks = watermarks;
    }

    @Override
    public void announce(long eventTimeMillis) {
        try {
            out.flush();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    @Override
    public void send(TripEvent trip, long sourceTimeMillis) {
        long millis = trip.timestampMillis();
        if (millis < lastMillis) {
            throw new IllegalArgumentException("trips must come in the order of their event time");
        }
        boolean newMinute = lastMillis != Long.MIN_VALUE
                && Math.floorDiv(millis, WATERMARK_INTERVAL_MILLIS)
                        > Math.floorDiv(lastMillis, WATERMARK_INTERVAL_MILLIS);
        lastMillis = millis;
        if (newMinute) {
            printWatermark(millis - 1);
        }
        print(writer.write(trip));
        sent.lazySet(sent.get() + 1);
    }

    @Override
    public void finish(boolean complete) {
        if (lastMillis != Long.MIN_VALUE) {
            printWatermark(complete ? lastMillis : lastMillis - 1);
        }
        announce(lastMillis);
    }

    @Override
    public SinkStatus status() {
        return new SinkStatus(sent.get(), 0, 0, watermarkMillis);
    }

    @Override
    public void close() {
        // the output belongs to whoever opened it
    }

    private void printWatermark(long millis) {
        if (watermarks) {
            print(writer.write(new WatermarkEvent(millis)));
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

    /** Whoever read the output has had enough, as {@code head} does. */
    public static final class OutputClosedException extends RuntimeException {

        OutputClosedException(IOException cause) {
            super("standard output is closed: " + cause.getMessage(), cause);
        }
    }
}
