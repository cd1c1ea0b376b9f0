/**
 * Opens objects one after the other according to their content, and returns the events in them.
 *
 * <p>Which records are events is up to {@link io.taxistream.producer.reading.RecordFormats}.
 */
@NullMarked
package io.taxistream.producer.reading;

import org.jspecify.annotations.NullMarked;
