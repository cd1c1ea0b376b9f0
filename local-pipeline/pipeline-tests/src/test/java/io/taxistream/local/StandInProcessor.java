package io.taxistream.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * A job that accepts the processor's options, stores one document and runs until it is stopped. With a parallelism of {@value
 * #FAILING_PARALLELISM} its tasks throw an error.
 */
public final class StandInProcessor {

    static final int FAILING_PARALLELISM = 3;
    static final String ID = "dr5ru7-1449032399999";
    static final String SOURCE = "{\"pickup_count\":2}";

    private StandInProcessor() {}

    /** Entry point of the jar. */
    public static void main(String[] args) throws Exception {
        List<String> arguments = List.of(args);
        String search = arguments.get(arguments.indexOf("--es-endpoint") + 1);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        GeneratorFunction<Long, Long> numbers = index -> index;
        env.fromSource(
                        new DataGeneratorSource<>(
                                numbers, Long.MAX_VALUE, RateLimiterStrategy.perSecond(100), Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .keyBy(number -> 0)
                .map(new StoringTheFirst(search, env.getParallelism() == FAILING_PARALLELISM))
                .sinkTo(new DiscardingSink<>());
        env.execute("stand-in");
    }

    private static final class StoringTheFirst implements MapFunction<Long, Long> {

        private final String search;
        private final boolean isFailing;
        private boolean stored;

        StoringTheFirst(String search, boolean isFailing) {
            this.search = search;
            this.isFailing = isFailing;
        }

        @Override
        public Long map(Long number) throws IOException, InterruptedException {
            if (isFailing) {
                throw new OutOfMemoryError("Java heap space");
            }
            if (!stored) {
                URI document = URI.create(search + "/" + "taxi-dashboard-pickup-count/_doc/" + ID);
                HttpResponse<String> response = HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(document)
                                        .header("Content-Type", "application/json")
                                        .PUT(HttpRequest.BodyPublishers.ofString(SOURCE))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() / 100 != 2) {
                    throw new IOException("the document was not stored: " + response.body());
                }
                stored = true;
            }
            return number;
        }
    }
}
