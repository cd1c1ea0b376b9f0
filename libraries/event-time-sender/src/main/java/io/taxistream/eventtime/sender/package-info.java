/**
 * Sends events into a Kinesis stream with watermarks, so that their event time stays exact: {@link
 * io.taxistream.eventtime.sender.EventSender}.
 *
 * <p>Events go through the Kinesis Producer Library; those not acknowledged are kept track of, and a watermark is put into every open
 * shard after the events that it covers. Knows event times, but not where events come from or what they contain. Kinesis
 * itself is met in two places only, {@code RecordSender} and {@code StreamClient}.
 */
@NullMarked
package io.taxistream.eventtime.sender;

import org.jspecify.annotations.NullMarked;
