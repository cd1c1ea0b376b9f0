package io.taxistream.eventtime.source;

import javax.annotation.Nullable;

/**
 * A shard in the state of a reader: how far it has been read, and how far event time has come in it.
 *
 * <p>Used by the task's thread; only {@link #watermarkMillis()} and {@link #finished()} may be read by others.
 */
class HeldShard {

    private final String id;
    private final ShardPosition startPosition;

    private volatile long watermarkMillis;
    private volatile boolean finished;
    private boolean changed;
    private boolean paused;

    /** The record that was read last, wholly or in part; null before the first. */
    @Nullable
    private String sequenceNumber;

    private int userRecordsRead;
    private boolean wholeRecordRead;

    HeldShard(ShardSplit split) {
        id = split.splitId();
        startPosition = split.position();
        watermarkMillis = split.watermarkMillis();
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

    @Nullable
    final String sequenceNumber() {
        return sequenceNumber;
    }

    /**
     * Raises the shard's watermark.
     *
     * @return whether it has risen; of two watermarks the higher one counts
     */
    final boolean advance(long newWatermarkMillis) {
        if (newWatermarkMillis <= watermarkMillis) {
            return false;
        }
        watermarkMillis = newWatermarkMillis;
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
        return new ShardProgress(id, watermarkMillis, finished);
    }

    /** The shard as a checkpoint holds it. */
    ShardSplit toSplit() {
        ShardPosition position = startPosition;
        if (sequenceNumber != null) {
            position = wholeRecordRead
                    ? new ShardPosition.AfterRecord(sequenceNumber)
                    : new ShardPosition.InsideRecord(sequenceNumber, userRecordsRead);
        }
        return new ShardSplit(id, position, watermarkMillis, finished);
    }
}
