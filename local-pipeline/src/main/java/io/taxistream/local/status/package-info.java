/** What is known of a running pipeline: snapshot, health, event log, progress of the producer. Reads no service. */
@NullMarked
package io.taxistream.local.status;

import org.jspecify.annotations.NullMarked;
