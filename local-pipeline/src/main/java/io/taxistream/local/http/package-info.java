/** Makes the HTTP servers of the local pipeline, all with the same settings. */
package io.taxistream.local.http;
