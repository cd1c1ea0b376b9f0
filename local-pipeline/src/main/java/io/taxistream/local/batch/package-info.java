/**
 * Batch computation of the results with plain loops over all trips, as a reference for the pipeline.
 *
 * <p>Shares nothing with the analysis that it verifies: neither code nor geohash library.
 */
@NullMarked
package io.taxistream.local.batch;

import org.jspecify.annotations.NullMarked;
