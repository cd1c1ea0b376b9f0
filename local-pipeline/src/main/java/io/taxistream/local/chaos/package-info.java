/**
 * Faults on purpose: a schedule drawn from a seed, what plays it while a replay runs, and the comparison of the documents
 * with a batch computation. What starts and stops the parts of the pipeline lives outside.
 */
@NullMarked
package io.taxistream.local.chaos;

import org.jspecify.annotations.NullMarked;
