/** What a run prints on the terminal: lines, progress bar and summary. */
package io.taxistream.local.terminal;
