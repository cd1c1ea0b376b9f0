/**
 * Compares the parts of the pipeline with simpler alternatives and writes the results to {@code docs/benchmarks.md}.
 * Not shipped.
 */
@NullMarked
package io.taxistream.benchmarks;

import org.jspecify.annotations.NullMarked;
