/**
 * What sender and source of a stream with watermarks share: the {@linkplain io.taxistream.eventtime.WatermarkRecord watermark
 * records}, the {@linkplain io.taxistream.eventtime.Part parts} that several senders of one stream are, what a shard {@linkplain
 * io.taxistream.eventtime.PartWatermarks knows of them}, the Kinesis Producer Library's {@linkplain
 * io.taxistream.eventtime.AggregatedRecords format of aggregated records}, and which endpoints are {@linkplain
 * io.taxistream.eventtime.Loopback on this machine}.
 *
 * <p>No I/O, no Kinesis client, no Flink.
 */
@NullMarked
package io.taxistream.eventtime;

import org.jspecify.annotations.NullMarked;
