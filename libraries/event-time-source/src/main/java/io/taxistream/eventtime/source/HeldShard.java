package io.taxistream.eventtime.source;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.PartWatermarks;
import org.jspecify.annotations.Nullable;

/**
 * A shard in the state of a reader: how far it has been read, and how far event time has come in it.
 *
 * <p>Used by the task's thread; only {@link #watermarkMillis()}, {@link #watermarks()} and {@link
 * #finished()} may be read by others.
 */
class HeldShard {

    private final String id;
    private final ShardPosition startPosition;

    private volatile PartWatermarks watermarks;
    private volatile long watermarkMillis;

    /** Of the events that were not late; {@link Long#MIN_VALUE} if there was none since the shard was added. */
    private long newestEventMillis = Long.MIN_VALUE;

    private volatile boolean finished;
    private boolean changed;
    private boolean paused;

    /** The record that was read last, wholly or in part; null before the first. */
    private @Nullable String sequenceNumber;

    private int userRecordsRead;
    private boolean wholeRecordRead;

    HeldShard(ShardSplit split) {
        id = split.splitId();
        startPosition = split.position();
        watermarks = split.watermarks();
        watermarkMillis = watermarks.watermarkMillis();
        finished = split.finished();
        if (startPosition instanceof ShardPosition.InsideRecord inside) {
            sequenceNumber = inside.sequenceNumber();
            userRecordsRead = inside.userRecordsRead();
        }
    }

    final String id() {
        return id;
    }

    /** Where reading begins; a record that was read in part is delivered again from its start. */
    final ShardPosition startPosition() {
        return startPosition;
    }

    final long watermarkMillis() {
        return watermarkMillis;
    }

    /** What the shard has heard of each part. */
    final PartWatermarks watermarks() {
        return watermarks;
    }

    /** Whether the shard was read to its end. */
    final boolean finished() {
        return finished;
    }

    final boolean paused() {
        return paused;
    }

    /** Pauses or resumes the shard, as Flink's watermark alignment asks. */
    final void pause(boolean newPaused) {
        paused = newPaused;
    }

    /**
     * Moves to the first user record of a record that has not been read yet.
     *
     * @return whether there is one; {@link #userRecord} is its index
     */
    final boolean moveTo(String record, int userRecords) {
        if (wholeRecordRead || !record.equals(sequenceNumber)) {
            sequenceNumber = record;
            userRecordsRead = 0;
            wholeRecordRead = false;
        }
        if (userRecordsRead < userRecords) {
            return true;
        }
        wholeRecordRead = true;
        return false;
    }

    /** Index of the user record that is being read. */
    final int userRecord() {
        return userRecordsRead;
    }

    /**
     * Marks the current user record as read.
     *
     * @return whether it was the last of its record
     */
    final boolean userRecordRead(int userRecords) {
        userRecordsRead++;
        wholeRecordRead = userRecordsRead == userRecords;
        return wholeRecordRead;
    }

    final @Nullable String sequenceNumber() {
        return sequenceNumber;
    }

    /** Takes note of the time of an event, which is late if the shard's watermark has reached it. */
    final void event(long timestampMillis) {
        if (timestampMillis > newestEventMillis && timestampMillis > watermarkMillis) {
            newestEventMillis = timestampMillis;
        }
    }

    final long newestEventMillis() {
        return newestEventMillis;
    }

    /**
     * Takes note of a part's watermark.
     *
     * @return whether the shard's watermark has risen
     */
    final boolean advance(Part part, long partWatermarkMillis, boolean ended) {
        watermarks = watermarks.with(part, partWatermarkMillis, ended);
        if (watermarks.watermarkMillis() == watermarkMillis) {
            return false;
        }
        watermarkMillis = watermarks.watermarkMillis();
        changed = true;
        return true;
    }

    /** Marks the shard as read to its end. */
    final void finish() {
        finished = true;
        changed = true;
    }

    /** Returns whether there is progress that was not returned before. */
    final boolean takeChanged() {
        boolean taken = changed;
        changed = false;
        return taken;
    }

    final ShardProgress progress() {
        return new ShardProgress(id, watermarks, finished);
    }

    /** The shard as a checkpoint holds it. */
    ShardSplit toSplit() {
        ShardPosition position = startPosition;
        if (sequenceNumber != null) {
            position = wholeRecordRead
                    ? new ShardPosition.AfterRecord(sequenceNumber)
                    : new ShardPosition.InsideRecord(sequenceNumber, userRecordsRead);
        }
        return new ShardSplit(id, position, watermarks, finished);
    }
}
