/**
 * The pace of sending: maps event time to the wall clock, pulls events from the source, pushes them to an {@link
 * io.taxistream.producer.replay.EventSink}, and reports progress.
 *
 * <p>Independent of Kinesis; {@link io.taxistream.producer.replay.PrintedEvents} is another sink.
 */
@NullMarked
package io.taxistream.producer.replay;

import org.jspecify.annotations.NullMarked;
