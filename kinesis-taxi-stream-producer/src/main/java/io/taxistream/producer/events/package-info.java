/**
 * What the replay moves: events of any kind, of which it needs to know bytes, time, id and key.
 */
@NullMarked
package io.taxistream.producer.events;

import org.jspecify.annotations.NullMarked;
