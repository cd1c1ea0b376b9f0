/**
 * The wire format shared by producer and processor: the two event types and their JSON form, one object per record.
 *
 * <p>No I/O, no Kinesis, no Flink: programs that read or write records of the stream need no other part of the project.
 */
@NullMarked
package io.taxistream.events;

import org.jspecify.annotations.NullMarked;
