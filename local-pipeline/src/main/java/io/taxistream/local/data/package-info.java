/** The generated day of trips, replayed when no input is given. */
@NullMarked
package io.taxistream.local.data;

import org.jspecify.annotations.NullMarked;
