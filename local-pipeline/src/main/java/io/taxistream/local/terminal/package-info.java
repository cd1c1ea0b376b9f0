/** Terminal output of a run: lines, progress bar and summary. */
@NullMarked
package io.taxistream.local.terminal;

import org.jspecify.annotations.NullMarked;
