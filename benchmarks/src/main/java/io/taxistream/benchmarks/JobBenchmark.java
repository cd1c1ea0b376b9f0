package io.taxistream.benchmarks;

import static java.util.Objects.requireNonNull;

import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.IncomingRecord;
import io.taxistream.processor.trips.TripAnalysis;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * Runs the job from the bytes of a record to its results on an in-process Flink cluster, without Kinesis and without a
 * search engine. Compares this project's topology with the one that the published description of the pipeline suggests,
 * and with decoding alone. Measuring starts after the first half of the trips: the job is meant to run for days, so the
 * cost of its start, mostly just-in-time compilation, is irrelevant.
 */
final class JobBenchmark {

    /** Interval between watermarks in event time. */
    private static final long WATERMARK_INTERVAL_MILLIS = 60_000;

    /** Held in this process, where the tasks of the job run as well. */
    private static byte[][] records = {};

    /** Number of records before the first one measured. */
    private static long recordsBefore;

    /** Description of the rows, for the page. */
    static final String VARIANTS = """
            - *this project*: decoding, one exchange by cell in bundles, counters and ids per window, as built by `TripAnalysis`.
            - *after the published description*: Jackson's tree model and `java.time`, a rebalance after the source, the geohash
              as text, an exchange for each result, windows that hold their trips until they close, no detection of duplicates.
              The benchmark fails unless it produces as many results.
            - *decode only*: the lower bound, records to trips and nothing else.
            - *RocksDB*: one day; the same job with its state in RocksDB instead of on the heap, where the counters and ids of a
              cell are read and written as a whole for each bundle of trips; for comparison, a job that only counts pick-ups,
              with each id as an entry of a map.""";

    private static final String HEAP = "hashmap";
    private static final String ROCKSDB = "rocksdb";

    private static final LongAdder RESULTS = new LongAdder();

    /** Number of trips {@linkplain #consume consumed}. */
    static final LongAdder TRIPS = new LongAdder();

    private static final LongAdder HASHES = new LongAdder();

    private JobBenchmark() {}

    /** The rows of the table, named by the arguments that start their processes. */
    private enum Variant {
        PROJECT(HEAP),
        PUBLISHED(HEAP),
        DECODE(HEAP),
        PROJECT_ROCKSDB(ROCKSDB),
        IDS_IN_MAP_ROCKSDB(ROCKSDB);

        private final String stateBackend;

        Variant(String stateBackend) {
            this.stateBackend = stateBackend;
        }
    }

    static Table run(Input input, int days, int rounds) throws Exception {
        String file = input.file().toString();
        String all = Integer.toString(days);
        return new Rounds()
                .add("this project", JobBenchmark.class, Variant.PROJECT.name(), file, all)
                .add("after the published description", JobBenchmark.class, Variant.PUBLISHED.name(), file, all)
                .add("decode only", JobBenchmark.class, Variant.DECODE.name(), file, all)
                .add("this project, RocksDB", JobBenchmark.class, Variant.PROJECT_ROCKSDB.name(), file, "1")
                .add("ids in a map, RocksDB", JobBenchmark.class, Variant.IDS_IN_MAP_ROCKSDB.name(), file, "1")
                .run(rounds);
    }

    /** Runs the process of a variant. Arguments: its name, the trip file and the number of days measured. */
    public static void main(String[] args) throws Exception {
        Variant variant = Variant.valueOf(args[0]);
        byte[][] input = new Input(Path.of(args[1])).records(2 * Integer.parseInt(args[2]));
        Rounds.serve(() -> execute(input, variant));
    }

    private static Rounds.Outcome execute(byte[][] input, Variant variant) throws Exception {
        RESULTS.reset();
        Configuration configuration = new Configuration();
        configuration.set(StateBackendOptions.STATE_BACKEND, variant.stateBackend);
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        switch (variant) {
            case PROJECT, PROJECT_ROCKSDB -> project(env, input);
            case PUBLISHED -> published(env, input);
            case DECODE -> decodeOnly(env, input);
            case IDS_IN_MAP_ROCKSDB -> idsInMapState(env, input);
        }
        LocalCluster.submit(env).await();
        // results of the map of ids are not compared, because it counts pick-ups only
        return new Rounds.Outcome(
                input.length - recordsBefore, variant == Variant.IDS_IN_MAP_ROCKSDB ? 0 : RESULTS.sum());
    }

    /** Streams the in-memory records; measuring starts halfway. */
    private static DataStream<byte[]> bytes(StreamExecutionEnvironment env, byte[][] input) {
        records = input;
        recordsBefore = input.length / 2;
        var source = new DataGeneratorSource<>(
                JobBenchmark::record, input.length, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "Records");
    }

    /**
     * Streams a number of the in-memory records, starting over as often as necessary, decoded by the source as in the
     * job.
     *
     * @param before number of records before the first one measured
     */
    static DataStream<IncomingRecord> trips(
            StreamExecutionEnvironment env, byte[][] input, long count, long before, RateLimiterStrategy pace) {
        records = input;
        recordsBefore = before;
        var source = new DataGeneratorSource<>(new Decode(), count, pace, TypeInformation.of(IncomingRecord.class));
        return env.fromSource(
                source,
                WatermarkStrategy.<IncomingRecord>forGenerator(context -> new WatermarkEveryMinute<>())
                        .withTimestampAssigner(
                                (record, previous) -> trip(record).timestampMillis()),
                "Trips");
    }

    private static DataStream<IncomingRecord> trips(StreamExecutionEnvironment env, byte[][] input) {
        return trips(env, input, input.length, input.length / 2, RateLimiterStrategy.noOp());
    }

    private static TripEvent trip(IncomingRecord record) {
        return requireNonNull(record.trip(), "all records are trips");
    }

    private static byte[] record(long index) {
        if (index == recordsBefore) {
            Rounds.startNow();
        }
        return records[(int) (index % records.length)];
    }

    private static void project(StreamExecutionEnvironment env, byte[][] input) {
        TripAnalysis.Results results = TripAnalysis.analyze(trips(env, input), AnalysisOptions.DEFAULTS);
        count(results.pickupCounts());
        count(results.tripDurations());
        results.malformedRecords().sinkTo(new DiscardingSink<>());
        results.lateTrips().sinkTo(new DiscardingSink<>());
    }

    private static void published(StreamExecutionEnvironment env, byte[][] input) {
        PublishedTopology.Results results = PublishedTopology.build(bytes(env, input), WATERMARK_INTERVAL_MILLIS);
        count(results.pickupCounts());
        count(results.tripDurations());
    }

    private static void decodeOnly(StreamExecutionEnvironment env, byte[][] input) {
        consume(trips(env, input));
    }

    private static void idsInMapState(StreamExecutionEnvironment env, byte[][] input) {
        count(IdsInMapState.build(trips(env, input)));
    }

    /** Reads every field of every trip, so that the compiler cannot eliminate decoding. */
    static void consume(DataStream<IncomingRecord> trips) {
        trips.map(record -> {
                    TRIPS.increment();
                    HASHES.add(trip(record).hashCode());
                    return true;
                })
                .returns(Types.BOOLEAN)
                .sinkTo(new DiscardingSink<>());
    }

    private static <T> void count(DataStream<T> results) {
        results.map(result -> {
                    RESULTS.increment();
                    return true;
                })
                .returns(Types.BOOLEAN)
                .sinkTo(new DiscardingSink<>());
    }

    private static final class Decode implements GeneratorFunction<Long, IncomingRecord> {

        private transient EventReader reader;

        @Override
        public void open(SourceReaderContext context) {
            reader = new EventReader();
        }

        @Override
        public IncomingRecord map(Long index) throws MalformedEventException {
            return IncomingRecord.of((TripEvent) reader.read(record(index)));
        }
    }

    /** Emits a watermark per minute; records are in order, so each one confirms all before it. */
    static final class WatermarkEveryMinute<T> implements WatermarkGenerator<T> {

        private long lastMillis = Long.MIN_VALUE;

        @Override
        public void onEvent(T event, long timestampMillis, WatermarkOutput output) {
            if (lastMillis == Long.MIN_VALUE || timestampMillis - lastMillis >= WATERMARK_INTERVAL_MILLIS) {
                lastMillis = timestampMillis;
                output.emitWatermark(new Watermark(timestampMillis - 1));
            }
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
            // watermarks are emitted with records only
        }
    }
}
