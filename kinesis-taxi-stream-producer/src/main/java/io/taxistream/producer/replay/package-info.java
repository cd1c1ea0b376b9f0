/**
 * When trips are sent: event time laid on the wall clock, the loop that pulls trips and pushes them into a {@link
 * io.taxistream.producer.replay.TripSink}, and what is said about it meanwhile.
 *
 * <p>Knows nothing of Kinesis; {@link io.taxistream.producer.replay.PrintedTrips} shows that any sink will do.
 */
package io.taxistream.producer.replay;
