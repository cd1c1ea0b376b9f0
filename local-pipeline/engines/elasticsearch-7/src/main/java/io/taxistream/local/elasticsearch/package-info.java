/**
 * An embedded Elasticsearch 7.10, the last version that Amazon offers, as a separate program, so that the search sink is tested
 * against it as well as against OpenSearch.
 */
@NullMarked
package io.taxistream.local.elasticsearch;

import org.jspecify.annotations.NullMarked;
