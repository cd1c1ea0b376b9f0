/**
 * Records of any layout as events: JSON objects with a time field, and rows of CSV and Parquet converted to such
 * objects.
 *
 * <p>Independent of clocks and streams, and of the meaning of the other fields.
 */
@NullMarked
package io.taxistream.producer.records;

import org.jspecify.annotations.NullMarked;
