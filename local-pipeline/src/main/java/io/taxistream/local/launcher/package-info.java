/** Carries out one run: starts the parts, watches the replay, exports the documents and ends everything. */
@NullMarked
package io.taxistream.local.launcher;

import org.jspecify.annotations.NullMarked;
