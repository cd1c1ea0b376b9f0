/**
 * Deliberate faults: a schedule drawn from a seed, its playback during a replay, and the comparison of the documents with a
 * batch computation. The code that starts and stops the parts of the pipeline is elsewhere.
 */
@NullMarked
package io.taxistream.local.chaos;

import org.jspecify.annotations.NullMarked;
