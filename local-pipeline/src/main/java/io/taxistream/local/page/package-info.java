/**
 * The web page of the local pipeline: serves it, keeps what it draws by window, and hands on what its buttons ask for.
 *
 * <p>{@link io.taxistream.local.page.PageServer} speaks HTTP, {@link io.taxistream.local.page.ResultWindows} holds the
 * results; what they are fed with comes from outside, through {@link io.taxistream.local.page.PipelineView}. Nothing here
 * knows Flink, Kinesis or the search engine.
 */
@NullMarked
package io.taxistream.local.page;

import org.jspecify.annotations.NullMarked;
