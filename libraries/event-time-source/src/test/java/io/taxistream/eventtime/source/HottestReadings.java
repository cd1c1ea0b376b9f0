package io.taxistream.eventtime.source;

import java.net.URI;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;

/** The example of docs/event-time-source.md: the hottest reading of each sensor in each minute. */
final class HottestReadings {

    private HottestReadings() {}

    static DataStream<String> hottest(StreamExecutionEnvironment env, URI endpoint) {
        // readings such as "kitchen,1451624400000,21.5": sensor, milliseconds since the epoch, degrees
        KinesisSource<String> source = KinesisSource.builder(
                        new SimpleStringSchema(), (reading, arrival) -> Long.parseLong(reading.split(",", -1)[1]))
                .stream("readings") // or its ARN
                .region("eu-west-1")
                .endpoint(endpoint) // default: the region's own
                .initialPosition(new InitialPosition.TrimHorizon()) // default: the latest
                .maxReadAhead(Duration.ofHours(1)) // default: 3 hours
                .build();
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "Read readings")
                .uid("read-readings")
                .keyBy(reading -> reading.split(",", -1)[0])
                .window(TumblingEventTimeWindows.of(Duration.ofMinutes(1)))
                .reduce((a, b) -> degrees(a) >= degrees(b) ? a : b);
    }

    private static double degrees(String reading) {
        return Double.parseDouble(reading.split(",", -1)[2]);
    }
}
