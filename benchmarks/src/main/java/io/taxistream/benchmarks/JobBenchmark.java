package io.taxistream.benchmarks;

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
 * The job from the bytes of a record to its results, on a Flink cluster in one process, without Kinesis and without a
 * search engine: this project's topology, the one that the published description of the pipeline leads to, and nothing
 * but decoding. A job is measured when it has taken the first half of the trips: it is to run for days, and what its start
 * takes, the just-in-time compiler above all, is not what has to be paid for in the end.
 */
final class JobBenchmark {

    /** How often the stream says how far it is, in event time. */
    private static final long WATERMARK_INTERVAL_MILLIS = 60_000;

    /** In this process, where the job's tasks run as well. */
    private static byte[][] records;

    /** How many records come before the first that is measured. */
    private static long recordsBefore;

    /** What the rows are, for the page. */
    static final String VARIANTS = """
            - *this project*: decoded, one exchange by cell, counters and ids kept by window, as `TripAnalysis` builds it.
            - *after the published description*: Jackson's trees and `java.time`, a rebalance behind the source, the geohash
              as text, an exchange for each result, windows that hold their trips until they close; no trip is told from its
              duplicate. It has to come to as many results.
            - *decode only*: the floor; records to trips and nothing else.
            - *RocksDB*: one day; the same job with its state in RocksDB instead of on the heap, where a cell's counters and ids are
              read and written whole for each trip; and, for comparison, counting pick-ups alone with each id as an entry of
              its own in a map.""";

    private static final String HEAP = "hashmap";
    private static final String ROCKSDB = "rocksdb";

    private static final LongAdder RESULTS = new LongAdder();

    /** Trips that were {@linkplain #consume consumed}. */
    static final LongAdder TRIPS = new LongAdder();

    private static final LongAdder HASHES = new LongAdder();

    private JobBenchmark() {}

    /** The rows of the table, by the words that their processes are started with. */
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

    /** The process of a variant: its name, the trip file, the number of days measured. */
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
        env.execute("benchmark");
        // whether a map of ids leads to as many results is not to the point: it counts pick-ups alone
        return new Rounds.Outcome(
                input.length - recordsBefore, variant == Variant.IDS_IN_MAP_ROCKSDB ? 0 : RESULTS.sum());
    }

    /** A stream of the records in memory as they are; measuring starts in the middle. */
    private static DataStream<byte[]> bytes(StreamExecutionEnvironment env, byte[][] input) {
        records = input;
        recordsBefore = input.length / 2;
        var source = new DataGeneratorSource<>(
                JobBenchmark::record, input.length, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "Records");
    }

    /**
     * So many of the records in memory, from the first on and again and again, decoded by the source, as the job's is.
     *
     * @param before how many of them come before the first that is measured
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
                                (record, previous) -> record.trip().timestampMillis()),
                "Trips");
    }

    private static DataStream<IncomingRecord> trips(StreamExecutionEnvironment env, byte[][] input) {
        return trips(env, input, input.length, input.length / 2, RateLimiterStrategy.noOp());
    }

    private static byte[] record(long index) {
        if (index == recordsBefore) {
            Rounds.startNow();
        }
        return records[(int) (index % records.length)];
    }

    private static void project(StreamExecutionEnvironment env, byte[][] input) {
        TripAnalysis.Results results = TripAnalysis.analyse(trips(env, input), AnalysisOptions.DEFAULTS);
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

    /** Looks at every field of every trip, so that no compiler can leave out the decoding of one. */
    static void consume(DataStream<IncomingRecord> trips) {
        trips.map(record -> {
                    TRIPS.increment();
                    HASHES.add(record.trip().hashCode());
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

    /** The records are in order: each says that all before it have come. */
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
            // every watermark comes with a record
        }
    }
}
