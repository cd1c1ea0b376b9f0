package io.taxistream.benchmarks;

import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.processor.kinesis.InitialPosition;
import io.taxistream.processor.kinesis.KinesisSource;
import io.taxistream.processor.kinesis.RecordDeserializer;
import io.taxistream.processor.trips.IncomingRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * From Kinesis to trips: the source reading a stream of eight shards that a producer has filled, against the floor, the
 * same trips decoded from memory. Both are Flink jobs at parallelism 1 that count what they get.
 */
final class SourceBenchmark {

    private static final int SHARDS = 8;
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private static byte[][] records;

    private SourceBenchmark() {}

    static Table run(Input input, int days, int rounds) throws Exception {
        records = input.records(days);
        try (KinesisHost kinesis = KinesisHost.start(SHARDS)) {
            for (int day = 0; day < days; day++) {
                ProducerBenchmark.send(input, kinesis, true);
            }
            return new Rounds()
                    .add("decoded from memory", SourceBenchmark::fromMemory)
                    .add("read from Kinesis", () -> fromKinesis(kinesis))
                    .run(rounds);
        }
    }

    private static long fromMemory() throws Exception {
        StreamExecutionEnvironment env = environment();
        JobBenchmark.consume(JobBenchmark.trips(env, records, records.length, RateLimiterStrategy.noOp()));
        env.execute("benchmark");
        return records.length;
    }

    private static long fromKinesis(KinesisHost kinesis) throws Exception {
        StreamExecutionEnvironment env = environment();
        KinesisSource<IncomingRecord> source = KinesisSource.builder(new Trips()).stream(KinesisHost.STREAM)
                .region(KinesisHost.REGION)
                .endpoint(kinesis.http())
                .initialPosition(new InitialPosition.TrimHorizon())
                .build();
        JobBenchmark.consume(
                env.fromSource(source, WatermarkStrategy.noWatermarks(), "Stream", source.getProducedType()));
        return executeUntilAllTripsHaveCome(env);
    }

    private static StreamExecutionEnvironment environment() {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        return StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
    }

    /** A stream does not end by itself. */
    private static long executeUntilAllTripsHaveCome(StreamExecutionEnvironment env) throws Exception {
        JobBenchmark.TRIPS.reset();
        JobClient job = env.executeAsync("benchmark");
        CompletableFuture<JobExecutionResult> end = job.getJobExecutionResult();
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (JobBenchmark.TRIPS.sum() < records.length) {
            if (end.isCompletedExceptionally()) {
                end.get(); // says why the job has failed
            }
            if (System.nanoTime() > deadline) {
                throw new TimeoutException(
                        "only " + JobBenchmark.TRIPS.sum() + " of " + records.length + " trips have come");
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        job.cancel().get();
        return records.length;
    }

    /** Reads the events of the stream, as the job does. */
    static final class Trips implements RecordDeserializer<IncomingRecord> {

        private transient EventReader reader;

        @Override
        public void open(DeserializationSchema.InitializationContext context) {
            reader = new EventReader();
            Rounds.startNow();
        }

        @Override
        public void deserialize(byte[] bytes, int offset, int length, RecordOutput<IncomingRecord> output)
                throws IOException {
            try {
                Event event = reader.read(bytes, offset, length);
                if (event instanceof TripEvent trip) {
                    output.collect(IncomingRecord.of(trip), trip.timestampMillis());
                } else if (event instanceof WatermarkEvent watermark) {
                    output.watermark(watermark.watermarkMillis());
                }
            } catch (MalformedEventException e) {
                throw new IOException(e);
            }
        }

        @Override
        public TypeInformation<IncomingRecord> getProducedType() {
            return TypeInformation.of(IncomingRecord.class);
        }
    }
}
