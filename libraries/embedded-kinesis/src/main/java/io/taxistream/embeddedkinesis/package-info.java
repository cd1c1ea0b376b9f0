/**
 * In-process Kinesis Data Streams endpoint for tests and for machines without AWS access. It reproduces the behaviour of the
 * service visible to producers and consumers, and injects faults on demand.
 *
 * <p>{@link io.taxistream.embeddedkinesis.EmbeddedKinesis} is the entry point; {@link io.taxistream.embeddedkinesis.FaultRules}
 * injects faults. Records are stored in temporary files, so the heap does not grow with their number. Not supported:
 * encryption, tags, on-demand scaling and the verification of signatures.
 */
@NullMarked
package io.taxistream.embeddedkinesis;

import org.jspecify.annotations.NullMarked;
