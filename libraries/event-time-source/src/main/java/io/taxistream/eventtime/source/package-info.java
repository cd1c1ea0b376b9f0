/**
 * An event-time source for Kinesis streams whose records carry their own watermarks; it knows nothing of what the
 * records mean.
 *
 * <p>The promise: every record is emitted once per checkpointed history, and no watermark ever overtakes a record, whether
 * shards are split or merged, subtasks fail, or a job is restored with another parallelism. These rules keep it, with bounded state.
 *
 * <ul>
 *   <li><b>Parents before children.</b> A shard is assigned only after all of its parents were read to their end.
 *   <li><b>One limit for all readers.</b> The {@linkplain io.taxistream.eventtime.source.ShardTracker tracker} knows how
 *       far event time has come in every shard, assigned or not. The smallest of these is the limit that the enumerator
 *       announces, and no reader emits a watermark beyond it. A shard that changes hands, such as the child of a shard
 *       that ended elsewhere, therefore always finds its new reader at or before its own watermark; and a reader without
 *       shards follows the limit instead of turning idle, because Flink leaves a channel that returns from idleness out
 *       of the minimum until it has caught up.
 *   <li><b>None too far ahead.</b> A shard whose watermark and events are too far beyond the limit is not read on until
 *       the limit follows, so that the state of the windows behind stays bounded. The exception keeps merges from waiting for ever:
 *       if the limit is held back for a child, all its parents are read on.
 *   <li><b>What a reader reports, it keeps until it is recorded.</b> A shard read to its end stays in the reader's
 *       checkpointed state until the enumerator has confirmed that it noted the end.
 *   <li><b>No event to a reader that may have stopped.</b> A savepoint that stops the job looks like any checkpoint, and an
 *       event that reaches a reader after its end would fail the job. From a checkpoint on, the enumerator sends nothing to a
 *       reader until that says that it reads on.
 *   <li><b>A part holds back event time until it ends.</b> A shard knows the watermark of each {@linkplain
 *       io.taxistream.eventtime.PartWatermarks part} that sends into it, keeps that in its state, and hands it to its
 *       children.
 * </ul>
 *
 * <p>Whoever can write one record can write a watermark that is wrong. It hides nothing:
 *
 * <ul>
 *   <li>A watermark that is beyond the clock and further beyond the newest event of the stream than {@link
 *       io.taxistream.eventtime.source.KinesisSource.Builder#maxWatermarkAdvance} is ignored, counted, logged, and reported to
 *       the deserializer as malformed. The reader decides, by its own events and by those that the enumerator has heard
 *       of, to the minute. Replays of the past are never beyond the clock. In a replay that runs ahead of the clock, the
 *       watermark in a gap longer than the bound is ignored until the first event after the gap. Before the first event of
 *       a job, nothing is ignored.
 *   <li>A wrong watermark that is plausible makes the events after it late in its shard, where they are counted. It does not
 *       stop the shard, because a shard only waits when its events are ahead as well: late events never are.
 *   <li>A shard that waits says so: by the metric {@code heldBackMillis} and, after a minute, by a line in the log.
 * </ul>
 *
 * <p>{@link io.taxistream.eventtime.source.KinesisSource} is the entry point.
 */
@NullMarked
package io.taxistream.eventtime.source;

import org.jspecify.annotations.NullMarked;
