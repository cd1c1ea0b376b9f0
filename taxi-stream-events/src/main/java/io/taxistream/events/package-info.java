/**
 * The wire format that producer and processor share: the two event types and their JSON form, one object a record.
 *
 * <p>No I/O, no Kinesis, no Flink: whoever reads or writes records of the stream needs this package and nothing else of
 * the project.
 */
package io.taxistream.events;
