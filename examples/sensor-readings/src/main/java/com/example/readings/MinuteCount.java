package com.example.readings;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** Number of readings of a sensor in the minute that begins at {@code startMillis}. */
public record MinuteCount(String sensor, long startMillis, int readings) {

    /** Returns an id derived from sensor and minute, so that storing a count again changes nothing. */
    String id() {
        return sensor + "-" + Instant.ofEpochMilli(startMillis);
    }

    String toJson() {
        return "{\"sensor\":\"%s\",\"start\":\"%s\",\"readings\":%d}"
                .formatted(sensor, Instant.ofEpochMilli(startMillis), readings);
    }

    /** Counts readings of a sensor with the same time once, because Kinesis may deliver a reading twice. */
    static final class Counter extends ProcessWindowFunction<Reading, MinuteCount, String, TimeWindow> {

        @Override
        public void process(String sensor, Context context, Iterable<Reading> readings, Collector<MinuteCount> output) {
            Set<Long> times = new HashSet<>();
            readings.forEach(reading -> times.add(reading.timeMillis()));
            output.collect(new MinuteCount(sensor, context.window().getStart(), times.size()));
        }
    }
}
