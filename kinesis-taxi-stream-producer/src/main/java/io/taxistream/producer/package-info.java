/** The command line of the producer: its options, and {@code main}, which wires input, replay and stream together. */
package io.taxistream.producer;
