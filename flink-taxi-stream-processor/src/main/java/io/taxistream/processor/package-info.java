/**
 * The Flink job: its command line, and the wiring of source, analysis and sink.
 *
 * <p>What is done to trips lives in {@code trips}; reading any stream with in-band watermarks in {@code kinesis}; writing
 * any documents in bulk in {@code search}. Those three know nothing of each other.
 */
package io.taxistream.processor;
