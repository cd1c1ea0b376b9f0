/** Compression and archives, detected by their first bytes, and unsupported formats, which are rejected by name. */
@NullMarked
package io.taxistream.producer.archives;

import org.jspecify.annotations.NullMarked;
