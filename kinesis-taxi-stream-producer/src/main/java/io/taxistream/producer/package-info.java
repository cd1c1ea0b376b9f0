/** The command line of the producer: its options, and {@code main}, which wires input, replay and stream together. */
@NullMarked
package io.taxistream.producer;

import org.jspecify.annotations.NullMarked;
