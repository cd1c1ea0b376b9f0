/**
 * Records of any layout as events: JSON objects that have a time in a field, and rows of CSV and Parquet that become such
 * objects.
 *
 * <p>Knows nothing of clocks and streams, and nothing of what the other fields mean.
 */
@NullMarked
package io.taxistream.producer.records;

import org.jspecify.annotations.NullMarked;
