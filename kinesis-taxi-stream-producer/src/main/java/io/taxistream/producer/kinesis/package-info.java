/** Adapts {@link io.taxistream.eventtime.sender.EventSender} as a sink of the replay. */
@NullMarked
package io.taxistream.producer.kinesis;

import org.jspecify.annotations.NullMarked;
