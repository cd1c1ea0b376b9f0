/**
 * Protocol shared by sender and source of a stream with watermarks: {@linkplain io.taxistream.eventtime.WatermarkRecord
 * watermark records}, the {@linkplain io.taxistream.eventtime.Part parts} of a stream with several senders, the {@linkplain
 * io.taxistream.eventtime.PartWatermarks watermark state} of a shard, the Kinesis Producer Library's {@linkplain
 * io.taxistream.eventtime.AggregatedRecords format of aggregated records}, and the check for {@linkplain
 * io.taxistream.eventtime.Loopback loopback} endpoints.
 *
 * <p>This package does no I/O and depends on neither a Kinesis client nor Flink.
 */
@NullMarked
package io.taxistream.eventtime;

import org.jspecify.annotations.NullMarked;
