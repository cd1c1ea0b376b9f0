/**
 * An embedded OpenSearch as a program of its own, because it takes over logging and standard output of the process that
 * it lives in and brings libraries that nothing else here should see.
 *
 * <p>What starts this program and talks to it lives in {@code io.taxistream.local}.
 */
@NullMarked
package io.taxistream.local.opensearch;

import org.jspecify.annotations.NullMarked;
