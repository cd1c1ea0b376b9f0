/**
 * Puts events in the order of their time: all of them by an external sort, or those of a nearly sorted input by a buffer.
 */
@NullMarked
package io.taxistream.producer.order;

import org.jspecify.annotations.NullMarked;
