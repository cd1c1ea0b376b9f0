/**
 * The Flink job: its command line, and the wiring of source, analysis and sink.
 *
 * <p>The analysis of trips is in {@code trips}. Reading a stream with in-band watermarks and storing documents are
 * separate libraries. None of the three depends on another.
 */
@NullMarked
package io.taxistream.processor;

import org.jspecify.annotations.NullMarked;
