/**
 * Protects the servers on the loopback address from the web pages that a user visits.
 *
 * <p>Contains no HTTP server and does no I/O: each server calls {@link io.taxistream.local.guard.BrowserGuard} before it
 * answers.
 */
@NullMarked
package io.taxistream.local.guard;

import org.jspecify.annotations.NullMarked;
