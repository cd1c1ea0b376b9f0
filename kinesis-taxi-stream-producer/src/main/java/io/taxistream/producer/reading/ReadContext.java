package io.taxistream.producer.reading;

import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.RejectListener;
import io.taxistream.producer.input.TimeRange;
import java.util.function.Consumer;

/**
 * Context shared by readers of all formats.
 *
 * @param range event times of interest; records outside are counted as skipped and left out
 * @param statistics counts skipped records
 * @param rejects receives every record that is not an event
 * @param messages receives messages about a whole file, such as a column that is left out
 */
public record ReadContext(
        TimeRange range, InputStatistics statistics, RejectListener rejects, Consumer<String> messages) {}
