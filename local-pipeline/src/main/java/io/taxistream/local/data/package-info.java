/** The generated day of trips, which is replayed when no input is given. */
package io.taxistream.local.data;
