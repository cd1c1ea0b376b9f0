/**
 * When events are sent: event time laid on the wall clock, the loop that pulls events and pushes them into an {@link
 * io.taxistream.producer.replay.EventSink}, and what is said about it meanwhile.
 *
 * <p>Knows nothing of Kinesis; {@link io.taxistream.producer.replay.PrintedEvents} shows that any sink will do.
 */
@NullMarked
package io.taxistream.producer.replay;

import org.jspecify.annotations.NullMarked;
