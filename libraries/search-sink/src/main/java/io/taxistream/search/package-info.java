/**
 * Bulk sink that indexes documents of any kind in Elasticsearch 7.10 or OpenSearch 1.3 to 3.x, on Amazon's service or
 * elsewhere. The entry point is {@link io.taxistream.search.SearchSink}.
 *
 * <p>A document is acknowledged, retried, or stored as a dead letter with the reason; none is dropped. The content of documents
 * is opaque to this package.
 */
@NullMarked
package io.taxistream.search;

import org.jspecify.annotations.NullMarked;
