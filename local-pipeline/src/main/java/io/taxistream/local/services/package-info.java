/** The parts of a local pipeline, a class each: stream, S3, search engine, Flink, and the child processes. */
package io.taxistream.local.services;
