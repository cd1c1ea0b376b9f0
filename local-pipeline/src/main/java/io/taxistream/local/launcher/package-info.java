/** Carries out a run: starts the parts, watches the replay, exports the documents and closes everything. */
@NullMarked
package io.taxistream.local.launcher;

import org.jspecify.annotations.NullMarked;
