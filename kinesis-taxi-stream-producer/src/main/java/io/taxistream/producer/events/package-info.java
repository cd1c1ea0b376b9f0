/** Events as the replay sees them: of any kind, with bytes, time, id and key. */
@NullMarked
package io.taxistream.producer.events;

import org.jspecify.annotations.NullMarked;
