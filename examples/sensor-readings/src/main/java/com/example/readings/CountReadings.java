package com.example.readings;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.eventtime.sender.EventSender;
import io.taxistream.eventtime.source.InitialPosition;
import io.taxistream.eventtime.source.KinesisSource;
import io.taxistream.search.SearchDocument;
import io.taxistream.search.SearchSink;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;

/**
 * Sends an hour of readings to a stream, splits a shard along the way, and counts the readings by sensor and minute.
 * Prints the counts, and stores them as well if the argument is the address of a search engine.
 */
public final class CountReadings {

    private static final String STREAM = "readings";
    private static final String REGION = "us-east-1";
    private static final List<String> SENSORS = List.of("attic", "cellar", "kitchen");
    private static final Instant START = Instant.parse("2016-01-01T00:00:00Z");
    private static final int MINUTES = 60;

    public static void main(String[] args) throws Exception {
        // the embedded Kinesis accepts any credentials; on AWS, remove these two lines
        System.setProperty("aws.accessKeyId", "any");
        System.setProperty("aws.secretAccessKey", "any");
        try (EmbeddedKinesis kinesis = EmbeddedKinesis.builder().region(REGION).start()) {
            kinesis.createStream(STREAM, 2);
            var env = StreamExecutionEnvironment.createLocalEnvironment(2);
            DataStream<MinuteCount> counts = count(env, kinesis.httpEndpoint());
            if (args.length > 0 && !args[0].isEmpty()) {
                counts.sinkTo(SearchSink.<MinuteCount>builder()
                                .endpoint(URI.create(args[0]))
                                .documents(count -> SearchDocument.of("readings", count.id(), count.toJson()))
                                .build())
                        .uid("store-counts");
            }
            try (var results = counts.collectAsync()) {
                var job = env.executeAsync("Count readings");
                send(kinesis);
                for (int i = 0; i < SENSORS.size() * MINUTES; i++) {
                    System.out.println(results.next().toJson());
                }
                // stops the job once all counts are stored
                String savepoints = Files.createTempDirectory("readings").toString();
                job.stopWithSavepoint(false, savepoints, SavepointFormatType.CANONICAL).get();
            }
        }
    }

    /** Sends a reading of each sensor every second. */
    private static void send(EmbeddedKinesis kinesis) {
        URI endpoint = kinesis.httpsEndpoint(); // on AWS, remove this line
        try (var sender = EventSender.builder().stream(STREAM).region(REGION).endpoint(endpoint).build()) {
            for (int second = 0; second < MINUTES * 60; second++) {
                long time = START.plusSeconds(second).toEpochMilli();
                sender.advanceTo(time); // no earlier reading will follow
                for (String sensor : SENSORS) {
                    sender.send(new Reading(sensor, time, 21.5).toBytes(), time, sensor);
                }
                if (second == MINUTES * 30) {
                    kinesis.splitShard(STREAM, kinesis.shards(STREAM).get(0).shardId());
                }
            }
            sender.advanceTo(START.plusSeconds(MINUTES * 60).toEpochMilli()); // the last minute is complete
        }
    }

    private static DataStream<MinuteCount> count(StreamExecutionEnvironment env, URI endpoint) {
        var source = KinesisSource.builder(new Reading.Schema(), (reading, arrival) -> reading.timeMillis())
                .stream(STREAM)
                .region(REGION)
                .endpoint(endpoint) // on AWS, remove this line
                .initialPosition(new InitialPosition.TrimHorizon())
                .build();
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "Read readings")
                .uid("read-readings")
                .keyBy(Reading::sensor)
                .window(TumblingEventTimeWindows.of(Duration.ofMinutes(1)))
                .process(new MinuteCount.Counter())
                .uid("count-readings");
    }
}
