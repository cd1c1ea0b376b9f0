/**
 * Reads the columns of Parquet files: footer, pages and values, without Hadoop.
 *
 * <p>Knows nothing of what the columns mean.
 */
@NullMarked
package io.taxistream.producer.parquet;

import org.jspecify.annotations.NullMarked;
