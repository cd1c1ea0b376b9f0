/**
 * Trips as events: the columns, names and values of trips in CSV, JSON and Parquet, and the records in which they are
 * sent.
 *
 * <p>Independent of clocks and streams.
 */
@NullMarked
package io.taxistream.producer.trips;

import org.jspecify.annotations.NullMarked;
