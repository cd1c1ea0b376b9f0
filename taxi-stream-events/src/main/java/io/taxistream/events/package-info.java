/**
 * The wire format that producer and processor share: the two event types and their JSON form, one object a record.
 *
 * <p>No I/O, no Kinesis, no Flink: a program that reads or writes records of the stream needs no other part of the project.
 */
@NullMarked
package io.taxistream.events;

import org.jspecify.annotations.NullMarked;
