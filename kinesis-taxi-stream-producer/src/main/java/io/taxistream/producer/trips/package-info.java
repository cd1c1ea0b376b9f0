/**
 * Trips as events: which columns, names and values make one, in CSV, JSON and Parquet, and the record that it is sent as.
 *
 * <p>Knows nothing of clocks and streams.
 */
@NullMarked
package io.taxistream.producer.trips;

import org.jspecify.annotations.NullMarked;
