/**
 * The whole pipeline on one machine: {@link io.taxistream.local.LocalPipeline} is the main class of {@code ./run-local.sh}.
 *
 * <p>Packages and their dependencies: {@code launcher} carries out a run and depends on {@code services} (the parts of a
 * pipeline), {@code status} (their state), {@code terminal} and {@code page} (the displays) and {@code data} (the generated
 * day). {@code chaos} injects faults and is attached to a run through {@link io.taxistream.local.launcher.RunExtension}; the
 * launcher does not depend on it. {@code faults} is a proxy that makes a search engine fail, {@code batch} the batch
 * computation that documents are compared with. Nothing here reads trips or computes results: the two jars do.
 */
@NullMarked
package io.taxistream.local;

import org.jspecify.annotations.NullMarked;
