package io.taxistream.producer.reading;

import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.RejectListener;
import io.taxistream.producer.input.TimeRange;
import java.util.function.Consumer;

/**
 * What readers of all kinds need beside the content.
 *
 * @param range the event times of interest; records outside of it are counted as skipped and left out
 * @param statistics where skipped records are counted
 * @param rejects takes every record that is not an event
 * @param messages takes a line about a file, such as what is left out of all its records
 */
public record ReadContext(
        TimeRange range, InputStatistics statistics, RejectListener rejects, Consumer<String> messages) {}
