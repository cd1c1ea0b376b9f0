/**
 * The results as a batch computation gives them: plain loops over all trips, for the pipeline to be compared with.
 *
 * <p>Nothing here is shared with the analysis that it judges: neither its code nor its geohash library.
 */
@NullMarked
package io.taxistream.local.batch;

import org.jspecify.annotations.NullMarked;
