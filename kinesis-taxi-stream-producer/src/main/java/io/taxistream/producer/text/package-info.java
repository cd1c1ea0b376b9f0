/**
 * How text is read: lines, the quoted fields of CSV, times, numbers and what tools write for no value.
 *
 * <p>Knows nothing of what the values mean.
 */
@NullMarked
package io.taxistream.producer.text;

import org.jspecify.annotations.NullMarked;
