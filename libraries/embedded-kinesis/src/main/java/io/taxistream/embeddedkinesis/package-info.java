/**
 * A Kinesis Data Streams endpoint inside the JVM, for tests and for machines without AWS: what clients, producers and
 * consumers can observe of the service, with faults on demand.
 *
 * <p>{@link io.taxistream.embeddedkinesis.EmbeddedKinesis} is the entry point; {@link
 * io.taxistream.embeddedkinesis.FaultRules} injects faults. Records are stored in temporary files, so the heap does not
 * grow with them. Not included: encryption, tags, on-demand scaling, and the check of signatures.
 */
@NullMarked
package io.taxistream.embeddedkinesis;

import org.jspecify.annotations.NullMarked;
