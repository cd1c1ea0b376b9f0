/**
 * The Flink job: its command line, and the wiring of source, analysis and sink.
 *
 * <p>The analysis of trips is in {@code trips}. Reading a stream with watermarks in it and storing documents are libraries
 * of their own. None of the three depends on another.
 */
@NullMarked
package io.taxistream.processor;

import org.jspecify.annotations.NullMarked;
