/** The stream that the replay sends to: {@link io.taxistream.eventtime.sender.EventSender} as a sink of the replay. */
package io.taxistream.producer.kinesis;
