/**
 * Keeps the web pages that a user visits away from the servers on the loopback address.
 *
 * <p>No HTTP server, no I/O: each server asks {@link io.taxistream.local.guard.BrowserGuard} before it answers.
 */
@NullMarked
package io.taxistream.local.guard;

import org.jspecify.annotations.NullMarked;
