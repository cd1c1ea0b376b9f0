/**
 * The whole pipeline on one machine: {@link io.taxistream.local.LocalPipeline} is what {@code ./run-local.sh} runs.
 *
 * <p>Packages, and what each may know: {@code launcher} carries out a run and knows {@code services} (the parts of a
 * pipeline), {@code status} (what is known of them), {@code terminal} and {@code page} (what shows it) and {@code data}
 * (the generated day). {@code chaos} plays faults, attached to a run through
 * {@link io.taxistream.local.launcher.RunExtension}; the launcher does not know it. {@code faults} is a proxy that makes a
 * search engine fail, {@code batch} the batch computation that documents are compared with. Nothing here reads trips or
 * computes results: the two jars do.
 */
@NullMarked
package io.taxistream.local;

import org.jspecify.annotations.NullMarked;
