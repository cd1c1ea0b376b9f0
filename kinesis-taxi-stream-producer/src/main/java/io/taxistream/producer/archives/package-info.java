/**
 * What objects are packed in: compression and archives, told by their first bytes; formats that are refused by name.
 */
@NullMarked
package io.taxistream.producer.archives;

import org.jspecify.annotations.NullMarked;
