/** The HTTP server of the local pipeline's own services, on the loopback address. */
@NullMarked
package io.taxistream.local.http;

import org.jspecify.annotations.NullMarked;
