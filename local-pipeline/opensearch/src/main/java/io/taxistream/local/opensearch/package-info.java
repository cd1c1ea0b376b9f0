/**
 * An embedded OpenSearch as a separate program, because it takes over the logging and standard output of its process and brings
 * libraries that the rest of the project should not see.
 *
 * <p>The code that starts this program and queries it is in {@code io.taxistream.local}.
 */
@NullMarked
package io.taxistream.local.opensearch;

import org.jspecify.annotations.NullMarked;
