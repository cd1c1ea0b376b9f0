/**
 * Opens one object after the other, by what it holds, and hands on the events in it.
 *
 * <p>Knows nothing of what makes a record an event: that is up to {@link io.taxistream.producer.reading.RecordFormats}.
 */
@NullMarked
package io.taxistream.producer.reading;

import org.jspecify.annotations.NullMarked;
