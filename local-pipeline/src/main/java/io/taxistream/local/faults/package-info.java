/**
 * What stands between the pipeline and its search engine when things are to go wrong: a proxy that injects faults and
 * checks signatures.
 *
 * <p>Knows nothing of what the documents are about, nor of who sends them.
 */
@NullMarked
package io.taxistream.local.faults;

import org.jspecify.annotations.NullMarked;
