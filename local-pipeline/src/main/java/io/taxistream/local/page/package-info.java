/**
 * Web page of the local pipeline: serves it, caches the timeline that it draws, and forwards the actions of its buttons.
 *
 * <p>{@link io.taxistream.local.page.PageServer} handles HTTP, {@link io.taxistream.local.page.Timeline} holds the results;
 * their data comes from outside, through {@link io.taxistream.local.page.PipelineView}. Nothing here depends on Flink, Kinesis
 * or the search engine.
 */
@NullMarked
package io.taxistream.local.page;

import org.jspecify.annotations.NullMarked;
