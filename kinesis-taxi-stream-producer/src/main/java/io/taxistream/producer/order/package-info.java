/** Puts events in the order of their time: any input by an external sort, nearly ordered input by a buffer. */
@NullMarked
package io.taxistream.producer.order;

import org.jspecify.annotations.NullMarked;
