package io.taxistream.eventtime.source;

import io.taxistream.eventtime.Part;
import io.taxistream.eventtime.PartWatermarks;
import org.jspecify.annotations.Nullable;

/**
 * A shard in the state of a reader: its read position and its event-time progress.
 *
 * <p>Used by the task's thread. Other threads may only call {@link #watermarkMillis()}, {@link #watermarks()} and {@link
 * #finished()}.
 */
class HeldShard {

    private final String id;
    private final ShardPosition startPosition;

    private volatile PartWatermarks watermarks;
    private volatile long watermarkMillis;

    /** Newest event that was not late; {@link ShardSplit#NO_EVENT} if there was none. */
    private long newestEventMillis;

    private volatile boolean finished;
    private boolean changed;
    private boolean paused;
    private boolean awaited;

    /** Last record that was read, completely or in part; null before the first. */
    private @Nullable String sequenceNumber;

    private int userRecordsRead;
    private boolean wholeRecordRead;

    HeldShard(ShardSplit split) {
        id = split.splitId();
        startPosition = split.position();
        watermarks = split.watermarks();
        watermarkMillis = watermarks.watermarkMillis();
        finished = split.finished();
        newestEventMillis = split.newestEventMillis();
        if (startPosition instanceof ShardPosition.InsideRecord inside) {
            sequenceNumber = inside.sequenceNumber();
            userRecordsRead = inside.userRecordsRead();
        }
    }

    final String id() {
        return id;
    }

    /** Returns the position to start reading from. A partly read record is delivered again from its beginning. */
    final ShardPosition startPosition() {
        return startPosition;
    }

    final long watermarkMillis() {
        return watermarkMillis;
    }

    /** Returns the watermarks received from each part. */
    final PartWatermarks watermarks() {
        return watermarks;
    }

    /** Returns whether the shard was read to its end. */
    final boolean finished() {
        return finished;
    }

    final boolean paused() {
        return paused;
    }

    /** Pauses or resumes the shard, on request of Flink's watermark alignment. */
    final void pause(boolean newPaused) {
        paused = newPaused;
    }

    /** Returns whether other shards wait for this one. */
    final boolean awaited() {
        return awaited;
    }

    final void setAwaited(boolean newAwaited) {
        awaited = newAwaited;
    }

    /**
     * Moves to the first unread user record of a record.
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

    /** Returns the index of the current user record. */
    final int userRecord() {
        return userRecordsRead;
    }

    /**
     * Marks the current user record as read.
     *
     * @return whether it was the last one of its record
     */
    final boolean userRecordRead(int userRecords) {
        userRecordsRead++;
        wholeRecordRead = userRecordsRead == userRecords;
        return wholeRecordRead;
    }

    final @Nullable String sequenceNumber() {
        return sequenceNumber;
    }

    /** Records the timestamp of an event. The event is late if the shard's watermark has reached it. */
    final void event(long timestampMillis) {
        if (timestampMillis > newestEventMillis && timestampMillis > watermarkMillis) {
            newestEventMillis = timestampMillis;
        }
    }

    final long newestEventMillis() {
        return newestEventMillis;
    }

    /**
     * Records the watermark of a part.
     *
     * @return whether the watermark of the shard has increased
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

    /** Returns whether there is progress since the last call. */
    final boolean takeChanged() {
        boolean taken = changed;
        changed = false;
        return taken;
    }

    final ShardProgress progress() {
        return new ShardProgress(id, watermarks, finished);
    }

    /** Returns the shard in its checkpointed form. */
    ShardSplit toSplit() {
        ShardPosition position = startPosition;
        if (sequenceNumber != null) {
            position = wholeRecordRead
                    ? new ShardPosition.AfterRecord(sequenceNumber)
                    : new ShardPosition.InsideRecord(sequenceNumber, userRecordsRead);
        }
        return new ShardSplit(id, position, watermarks, finished, newestEventMillis);
    }
}
