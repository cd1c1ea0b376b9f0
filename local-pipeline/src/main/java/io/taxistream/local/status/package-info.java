/** What is known of a running pipeline: snapshot, health, event log, progress of the producer. Reads no service. */
package io.taxistream.local.status;
