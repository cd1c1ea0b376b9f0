/** The command line of the producer: its options, and {@code main}, which connects input, replay and stream. */
@NullMarked
package io.taxistream.producer;

import org.jspecify.annotations.NullMarked;
