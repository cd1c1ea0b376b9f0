/**
 * The launcher of the whole pipeline on one machine: it starts the local services, submits the shipped processor jar,
 * runs the shipped producer jar and tells how they are doing, on the terminal and on a page.
 *
 * <p>One class a part: {@link io.taxistream.local.S3Service}, {@link io.taxistream.local.SearchService}, {@link
 * io.taxistream.local.FlinkService}, {@link io.taxistream.local.ProducerProcess}; {@link
 * io.taxistream.local.LocalPipeline} wires them. What the page shows comes from {@link io.taxistream.local.Monitor},
 * {@link io.taxistream.local.ResultFeed} and {@link io.taxistream.local.EventLog}; {@link io.taxistream.local.Scaling} does
 * what its buttons ask for. Nothing here reads trips or computes results: that is what the two jars
 * do.
 */
package io.taxistream.local;
