/** Carries out one run: starts the parts, watches the replay, exports the documents and ends everything. */
package io.taxistream.local.launcher;
