/**
 * Parsing of text: lines, quoted CSV fields, times, numbers and markers for missing values.
 *
 * <p>Independent of the meaning of the values.
 */
@NullMarked
package io.taxistream.producer.text;

import org.jspecify.annotations.NullMarked;
