/**
 * An embedded Elasticsearch 7.10, the last one of Amazon's service, as a program of its own, so that the tests of the
 * search sink have it beside OpenSearch.
 */
@NullMarked
package io.taxistream.local.elasticsearch;

import org.jspecify.annotations.NullMarked;
