/**
 * Measures the parts of the pipeline side by side with simpler ways to do the same, and writes what it found to {@code
 * docs/benchmarks.md}. Nothing here ships.
 */
package io.taxistream.benchmarks;
