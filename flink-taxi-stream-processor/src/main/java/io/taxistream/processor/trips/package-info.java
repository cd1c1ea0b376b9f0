/**
 * The analysis: a pure function from a stream of trips to pick-up counts and trip durations.
 *
 * <p>It knows neither where trips come from nor where results go; a test gives it a list and reads a list. Who adds a
 * result of their own adds it here.
 */
package io.taxistream.processor.trips;
