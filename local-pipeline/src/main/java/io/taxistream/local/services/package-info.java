/** The parts of a local pipeline, a class each: stream, S3, search engine, Flink, and the child processes. */
@NullMarked
package io.taxistream.local.services;

import org.jspecify.annotations.NullMarked;
