/**
 * Reads the columns of Parquet files without Hadoop: footer, pages and values.
 *
 * <p>Independent of the meaning of the columns.
 */
@NullMarked
package io.taxistream.producer.parquet;

import org.jspecify.annotations.NullMarked;
