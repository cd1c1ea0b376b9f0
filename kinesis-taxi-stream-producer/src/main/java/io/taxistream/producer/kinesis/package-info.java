/**
 * How trips get into a Kinesis stream: through the Kinesis Producer Library, with the trips that have not arrived yet kept
 * track of, and watermarks put into every open shard behind the trips that they cover.
 *
 * <p>Knows event times, but not where trips come from nor when they are due. Kinesis itself is met in two places only,
 * {@link io.taxistream.producer.kinesis.RecordSender} and {@link io.taxistream.producer.kinesis.StreamClient}.
 */
package io.taxistream.producer.kinesis;
