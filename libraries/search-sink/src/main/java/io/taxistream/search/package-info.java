/**
 * A bulk sink that indexes any kind of document in Elasticsearch 7.10 or OpenSearch 1.3 to 3.x, on Amazon's service or
 * elsewhere: {@link io.taxistream.search.SearchSink} is the way in.
 *
 * <p>A document is acknowledged, retried, or kept as a dead letter with the reason; none is dropped. What the documents
 * are about is not known here.
 */
@NullMarked
package io.taxistream.search;

import org.jspecify.annotations.NullMarked;
