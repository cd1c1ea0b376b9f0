/**
 * A Kinesis Data Streams endpoint inside the JVM, for a machine without AWS and for tests: what clients, producers and
 * consumers can observe of the service, with faults on demand.
 *
 * <p>{@link io.taxistream.embeddedkinesis.EmbeddedKinesis} is the way in. It knows nothing of taxis or of Flink. What it
 * leaves out: enhanced fan-out, encryption, tags, on-demand scaling, and the check of signatures.
 */
package io.taxistream.embeddedkinesis;
