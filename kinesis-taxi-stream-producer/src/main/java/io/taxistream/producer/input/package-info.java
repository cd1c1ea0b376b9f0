/**
 * Input storage: the stored objects of a bucket or the files of a folder, and what happens to their records:
 * statistics, rejects and the requested time range.
 *
 * <p>Independent of the content of the objects.
 */
@NullMarked
package io.taxistream.producer.input;

import org.jspecify.annotations.NullMarked;
