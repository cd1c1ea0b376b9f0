/** The generated day of trips, which is replayed when no input is given. */
@NullMarked
package io.taxistream.local.data;

import org.jspecify.annotations.NullMarked;
