/**
 * Where input comes from: the objects of a bucket or the files of a folder, as they are stored, and what became of their
 * records: statistics, rejects and the range of times that is wanted.
 *
 * <p>Knows nothing of what is in the objects.
 */
@NullMarked
package io.taxistream.producer.input;

import org.jspecify.annotations.NullMarked;
