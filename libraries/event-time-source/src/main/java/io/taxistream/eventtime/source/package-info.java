/**
 * Event-time source for Kinesis streams whose records carry watermarks. The content of the records is opaque to it.
 *
 * <p>Guarantee: every record is emitted exactly once per checkpointed history, and no watermark overtakes a record, even if
 * shards are split or merged, subtasks fail, or a job is restored with another parallelism. The following rules ensure this
 * with bounded state:
 * <ul>
 *   <li><b>Parents before children.</b> A shard is assigned only after all of its parents have been read to their end.
 *   <li><b>One limit for all readers.</b> The {@linkplain io.taxistream.eventtime.source.ShardTracker tracker} knows the
 *       event-time progress of every shard, assigned or not. The minimum is the limit that the enumerator announces, and no
 *       reader emits a watermark beyond it. The new reader of a shard, such as the child of a shard that ended in another
 *       reader, is therefore always at or before the shard's watermark. A reader without shards follows the limit instead of
 *       becoming idle, because Flink excludes a channel that returns from idleness from the minimum until it has caught up.
 *   <li><b>Bounded read-ahead.</b> A shard whose watermark and events are too far beyond the limit is not read until the limit
 *       follows, which bounds the state of downstream windows. To prevent merges from waiting forever, there is one exception:
 *       if the limit is held back for a child, reading of all its parents continues.
 *   <li><b>Finished shards are kept until recorded.</b> A shard read to its end stays in the reader's checkpointed state until
 *       the enumerator has confirmed that it recorded the end.
 *   <li><b>No event to a reader that may have stopped.</b> A savepoint that stops the job looks like any checkpoint, and an
 *       event that reaches a stopped reader would fail the job. After a checkpoint, the enumerator sends nothing to a reader
 *       until the reader reports that it continues.
 *   <li><b>A part holds back event time until it ends.</b> A shard keeps the watermark of each {@linkplain
 *       io.taxistream.eventtime.PartWatermarks part} that sends to it in its state and passes it to its children.
 * </ul>
 *
 * <p>Anyone who can write to the stream can write a wrong watermark. Its effects are limited and visible:
 * <ul>
 *   <li>A watermark is ignored, counted, logged and reported to the deserializer as malformed if it is ahead of the clock and
 *       exceeds the newest event of the stream by more than {@link
 *       io.taxistream.eventtime.source.KinesisSource.Builder#maxWatermarkAdvance}. The reader decides by its own events and
 *       those known to the enumerator, to the minute. Replays of the past are never ahead of the clock. In a replay that runs
 *       ahead of the clock, the watermark in a gap longer than the bound is ignored until the first event after the gap.
 *       Nothing is ignored before the first event of a job. An event counts as the newest however far ahead it is, because it
 *       may be genuine, so a false event makes watermarks up to it plausible.
 *   <li>A wrong but plausible watermark makes the events after it late in its shard, where they are counted. It does not stop
 *       the shard, because a shard only waits if its events are ahead too, which late events never are.
 *   <li>A waiting shard is visible in the metric {@code heldBackMillis} and, after a minute, in the log.
 * </ul>
 *
 * <p>The entry point is {@link io.taxistream.eventtime.source.KinesisSource}.
 */
@NullMarked
package io.taxistream.eventtime.source;

import org.jspecify.annotations.NullMarked;
