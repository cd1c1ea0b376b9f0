package io.taxistream.benchmarks;

import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.eventtime.source.InitialPosition;
import io.taxistream.eventtime.source.KinesisSource;
import io.taxistream.eventtime.source.RecordDeserializer;
import io.taxistream.eventtime.source.StreamRecords;
import io.taxistream.processor.trips.IncomingRecord;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/**
 * Measures from Kinesis to trips: the source reads a stream of eight shards that a producer has filled. Two lower
 * bounds: one has the same bytes in memory, as Kinesis returns them, and deaggregates the records, checks their digests
 * and decodes the trips; the other has each trip's bytes separately and only decodes. These are Flink jobs with
 * parallelism 1 that count their input; what the calls alone cost is measured without Flink. Measuring begins and ends while
 * the job runs, so that the amount read ahead is the same at the start and at the end.
 */
final class SourceBenchmark {

    private static final int SHARDS = 8;

    /** Number of days read before the measurement, and again after it. */
    static final int MARGIN_DAYS = 2;

    /**
     * Number of days measured, so many that the start of the job, whose code is compiled in the background, has little
     * weight.
     */
    static final int DAYS = 12;

    /** Number of days measured with one record per trip, which takes the producer longer to send. */
    private static final int SINGLE_DAYS = 4;

    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    /** Description of the rows, for the page. */
    static final String VARIANTS = """
            - *records from memory*: the lower bound, the bytes that Kinesis returns, deaggregated and decoded by the same code,
              which also verifies the digest of each aggregated record.
            - *trips from memory*: decoding only, from the bytes of single trips.
            - *responses of the SDK*: a loop that calls GetRecords with the client of the AWS SDK, which parses the responses, and
              discards the records.
            - *single records*: one trip per record, four days.
            - *official connector*: the same trips read with `KinesisStreamsSource` of flink-connector-aws, whose deserializer
              deaggregates records with the code of this project's source; its two rows require a build with the Maven
              profile `official-connector`.""";

    /** Records of one day, read repeatedly. Held in this process, where the tasks of the jobs run as well. */
    private static byte[][] streamRecords = {};

    private SourceBenchmark() {}

    private static final String RECORDS_FROM_MEMORY = "records";
    private static final String FROM_KINESIS = "kinesis";
    private static final String TRIPS_FROM_MEMORY = "trips";
    private static final String RESPONSES = "responses";

    static Table run(Input input, int rounds) throws Exception {
        String file = input.file().toString();
        try (KinesisHost oneDay = KinesisHost.start(SHARDS);
                KinesisHost allDays = KinesisHost.start(SHARDS);
                KinesisHost single = KinesisHost.start(SHARDS)) {
            ProducerBenchmark.send(input, oneDay, true);
            for (int day = 0; day < DAYS + 2 * MARGIN_DAYS; day++) {
                ProducerBenchmark.send(input, allDays, true);
            }
            for (int day = 0; day < SINGLE_DAYS + 2 * MARGIN_DAYS; day++) {
                ProducerBenchmark.send(input, single, false);
            }
            String count = Integer.toString(DAYS);
            String memory = oneDay.http().toString();
            String stream = allDays.http().toString();
            String singleCount = Integer.toString(SINGLE_DAYS);
            String singleStream = single.http().toString();
            Rounds variants = new Rounds()
                    .add("records from memory", SourceBenchmark.class, RECORDS_FROM_MEMORY, file, count, memory)
                    .add("read from Kinesis", SourceBenchmark.class, FROM_KINESIS, file, count, stream)
                    .add("trips from memory", SourceBenchmark.class, TRIPS_FROM_MEMORY, file, count, memory)
                    .add("responses of the SDK", SourceBenchmark.class, RESPONSES, file, count, stream)
                    .add("single records", SourceBenchmark.class, FROM_KINESIS, file, singleCount, singleStream);
            Optional<Class<?>> official = officialConnector();
            if (official.isPresent()) {
                int trips = input.records(1).length;
                String before = Long.toString((long) MARGIN_DAYS * trips);
                variants.add("official connector", official.get(), stream, before, Long.toString((long) DAYS * trips))
                        .add(
                                "official connector, single records",
                                official.get(),
                                singleStream,
                                before,
                                Long.toString((long) SINGLE_DAYS * trips));
            }
            return variants.run(rounds);
        }
    }

    /** Returns the program that reads with the official connector, which is there only in a build with its profile. */
    private static Optional<Class<?>> officialConnector() {
        try {
            return Optional.of(Class.forName("io.taxistream.benchmarks.OfficialConnector"));
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    /**
     * Runs the process of a variant. Arguments: its name, the trip file, the number of days measured and the Kinesis
     * endpoint.
     */
    public static void main(String[] args) throws Exception {
        byte[][] trips = new Input(Path.of(args[1])).records(1);
        int days = Integer.parseInt(args[2]);
        long before = (long) MARGIN_DAYS * trips.length;
        long measured = (long) days * trips.length;
        URI kinesis = URI.create(args[3]);
        switch (args[0]) {
            case RECORDS_FROM_MEMORY -> {
                streamRecords = StreamRecords.readAll(KinesisHost.STREAM, KinesisHost.REGION, kinesis);
                Rounds.serve(() -> recordsFromMemory(days, before, measured));
            }
            case FROM_KINESIS -> Rounds.serve(() -> fromKinesis(kinesis, before, measured));
            case TRIPS_FROM_MEMORY -> Rounds.serve(() -> tripsFromMemory(trips, before, measured));
            case RESPONSES -> responses(kinesis, 2 * before + measured);
            default -> throw new IllegalArgumentException("unknown variant: " + args[0]);
        }
    }

    private static Rounds.Outcome recordsFromMemory(int days, long before, long measured) throws Exception {
        StreamExecutionEnvironment env = environment();
        var source = new DataGeneratorSource<>(
                index -> {
                    if (index == (long) MARGIN_DAYS * streamRecords.length) {
                        Rounds.startNow();
                    }
                    return streamRecords[(int) (index % streamRecords.length)];
                },
                (2L * MARGIN_DAYS + days) * streamRecords.length,
                PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
        JobBenchmark.consume(env.fromSource(source, WatermarkStrategy.noWatermarks(), "Records")
                .flatMap(new Deaggregate())
                .returns(TypeInformation.of(IncomingRecord.class)));
        return execute(env, before, measured);
    }

    private static Rounds.Outcome tripsFromMemory(byte[][] trips, long before, long measured) throws Exception {
        StreamExecutionEnvironment env = environment();
        JobBenchmark.consume(JobBenchmark.trips(env, trips, 2 * before + measured, before, RateLimiterStrategy.noOp()));
        return execute(env, before, measured);
    }

    private static Rounds.Outcome fromKinesis(URI kinesis, long before, long measured) throws Exception {
        StreamExecutionEnvironment env = environment();
        KinesisSource<IncomingRecord> source = KinesisSource.builder(new Trips(before)).stream(KinesisHost.STREAM)
                .region(KinesisHost.REGION)
                .endpoint(kinesis)
                .initialPosition(new InitialPosition.TrimHorizon())
                .build();
        JobBenchmark.consume(
                env.fromSource(source, WatermarkStrategy.noWatermarks(), "Stream", source.getProducedType()));
        return execute(env, before, measured);
    }

    private static void responses(URI kinesis, long trips) throws Exception {
        try (KinesisClient client = KinesisClient.builder()
                .region(Region.of(KinesisHost.REGION))
                .endpointOverride(kinesis)
                .build()) {
            Rounds.serve(() -> {
                Rounds.startNow();
                readAll(client);
                return new Rounds.Outcome(trips, 0);
            });
        }
    }

    private static void readAll(KinesisClient client) {
        List<Shard> shards = client.listShards(request -> request.streamName(KinesisHost.STREAM))
                .shards();
        for (Shard shard : shards) {
            String iterator = client.getShardIterator(request -> request.streamName(KinesisHost.STREAM)
                            .shardId(shard.shardId())
                            .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                    .shardIterator();
            boolean more = true;
            while (more) {
                String next = iterator;
                GetRecordsResponse response = client.getRecords(request -> request.shardIterator(next));
                iterator = response.nextShardIterator();
                more = response.hasRecords() && !response.records().isEmpty();
            }
        }
    }

    static StreamExecutionEnvironment environment() {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        return StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
    }

    /** Measures until the last of the measured trips has arrived, then cancels the job. */
    static Rounds.Outcome execute(StreamExecutionEnvironment env, long before, long measured) throws Exception {
        long expected = before + measured;
        JobBenchmark.TRIPS.reset();
        LocalCluster.Job job = LocalCluster.submit(env);
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (JobBenchmark.TRIPS.sum() < expected) {
            if (job.result().isDone()) {
                job.await();
                throw new IllegalStateException("the job has ended after " + JobBenchmark.TRIPS.sum() + " trips");
            }
            if (System.nanoTime() > deadline) {
                throw new TimeoutException(
                        "only " + JobBenchmark.TRIPS.sum() + " of " + expected + " trips have" + " arrived");
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        Rounds.endNow();
        job.cancel();
        return new Rounds.Outcome(measured, 0);
    }

    /** Deaggregates records into trips; watermarks are skipped. */
    private static final class Deaggregate extends RichFlatMapFunction<byte[], IncomingRecord> {

        private transient EventReader reader;

        @Override
        public void open(OpenContext context) {
            reader = new EventReader();
        }

        @Override
        public void flatMap(byte[] record, Collector<IncomingRecord> out) throws MalformedEventException {
            StreamRecords.forEachUserRecord(record, (bytes, offset, length) -> {
                if (reader.read(bytes, offset, length) instanceof TripEvent trip) {
                    out.collect(IncomingRecord.of(trip));
                }
            });
        }
    }

    /** Decodes the events of the stream as the job does, and starts measuring after a given number of trips. */
    static final class Trips implements RecordDeserializer<IncomingRecord> {

        private final long tripsBefore;
        private transient EventReader reader;
        private transient long trips;

        Trips(long tripsBefore) {
            this.tripsBefore = tripsBefore;
        }

        @Override
        public void open(DeserializationSchema.InitializationContext context) {
            reader = new EventReader();
        }

        @Override
        public void deserialize(byte[] bytes, int offset, int length, RecordOutput<IncomingRecord> output)
                throws IOException {
            try {
                Event event = reader.read(bytes, offset, length);
                if (event instanceof TripEvent trip) {
                    if (trips++ == tripsBefore) {
                        Rounds.startNow();
                    }
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
