/**
 * Sends events to a Kinesis stream together with watermarks that keep their event time exact; see {@link
 * io.taxistream.eventtime.sender.EventSender}.
 *
 * <p>Events are sent through the Kinesis Producer Library. Unacknowledged events are tracked, and a watermark is written to
 * every open shard after the events that it covers. The package depends on event timestamps, but not on the origin or content
 * of events. Kinesis is accessed through two interfaces only, {@code RecordSender} and {@code StreamClient}.
 */
@NullMarked
package io.taxistream.eventtime.sender;

import org.jspecify.annotations.NullMarked;
