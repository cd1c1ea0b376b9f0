/**
 * Where trips come from: the objects of a bucket or the files of a folder, what they are packed and laid out as, and the
 * order in which their trips are handed on.
 *
 * <p>Knows nothing of clocks and streams: whoever pulls from a {@link io.taxistream.producer.trips.TripSource} decides when.
 */
@NullMarked
package io.taxistream.producer.trips;

import org.jspecify.annotations.NullMarked;
