/**
 * Reads the trips in objects: which columns, names and values make a trip, in CSV, JSON and Parquet.
 *
 * <p>Knows nothing of clocks and streams: whoever pulls from a {@link io.taxistream.producer.trips.TripSource} decides when.
 */
@NullMarked
package io.taxistream.producer.trips;

import org.jspecify.annotations.NullMarked;
