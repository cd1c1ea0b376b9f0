/**
 * The analysis: a pure function from a stream of trips to pick-up counts and trip durations.
 *
 * <p>It is independent of sources and sinks; a test passes a list in and reads lists out. New results are added here.
 */
@NullMarked
package io.taxistream.processor.trips;

import org.jspecify.annotations.NullMarked;
