package io.taxistream.eventtime.source;

import java.net.URI;
import org.apache.flink.api.common.serialization.SimpleStringSchema;

/** The example of enhanced fan-out in docs/event-time-source.md. */
final class FanOutReadings {

    private FanOutReadings() {}

    static KinesisSource<String> source(URI endpoint) {
        KinesisSource<String> source = KinesisSource.builder(
                        new SimpleStringSchema(), (reading, arrival) -> Long.parseLong(reading.split(",", -1)[1]))
                .stream("readings")
                .region("eu-west-1")
                .endpoint(endpoint)
                .initialPosition(new InitialPosition.TrimHorizon())
                .consumer(EnhancedFanOut.named("hottest-readings")) // default: new Polling()
                .build();
        return source;
    }
}
