/** Creates the HTTP servers of the local pipeline, all with the same settings. */
@NullMarked
package io.taxistream.local.http;

import org.jspecify.annotations.NullMarked;
