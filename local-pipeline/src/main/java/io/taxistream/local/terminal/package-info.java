/** What a run prints on the terminal: lines, progress bar and summary. */
@NullMarked
package io.taxistream.local.terminal;

import org.jspecify.annotations.NullMarked;
