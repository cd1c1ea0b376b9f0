package io.taxistream.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.taxistream.eventtime.source.InitialPosition;
import io.taxistream.eventtime.source.KinesisSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;

/** The example of docs/replay.md: the number of requests by status and minute. */
final class RequestsByStatus {

    private static final ObjectMapper JSON = new ObjectMapper();

    private RequestsByStatus() {}

    static DataStream<Tuple2<Long, Long>> count(StreamExecutionEnvironment env, URI endpoint) {
        KinesisSource<String> source =
                KinesisSource.builder(new SimpleStringSchema(), (line, arrival) -> number(line, "time") * 1_000).stream(
                                "access")
                        .region("eu-west-1")
                        .endpoint(endpoint) // default: the region's own
                        .initialPosition(new InitialPosition.TrimHorizon())
                        .build();
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "Read requests")
                .uid("read-requests")
                .map(line -> Tuple2.of(number(line, "status"), 1L))
                .returns(Types.TUPLE(Types.LONG, Types.LONG))
                .keyBy(request -> request.f0)
                .window(TumblingEventTimeWindows.of(Duration.ofMinutes(1)))
                .sum(1);
    }

    private static long number(String line, String field) {
        try {
            return JSON.readTree(line).get(field).longValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
