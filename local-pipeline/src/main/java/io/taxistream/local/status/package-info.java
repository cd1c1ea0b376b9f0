/** State of a running pipeline: snapshot, health, event log, progress of the producer. Does not access any service. */
@NullMarked
package io.taxistream.local.status;

import org.jspecify.annotations.NullMarked;
