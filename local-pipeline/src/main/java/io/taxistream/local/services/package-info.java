/** The parts of a local pipeline, one class each: stream, S3, search engine, Flink, and the child processes. */
@NullMarked
package io.taxistream.local.services;

import org.jspecify.annotations.NullMarked;
