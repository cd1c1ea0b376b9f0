/**
 * A proxy between the pipeline and its search engine that injects faults and checks signatures.
 *
 * <p>Independent of the contents of the documents and of their sender.
 */
@NullMarked
package io.taxistream.local.faults;

import org.jspecify.annotations.NullMarked;
