package io.taxistream.local;

import io.taxistream.events.TripEvent;
import io.taxistream.local.batch.BatchComputation;
import io.taxistream.local.batch.BatchComputation.Point;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.IncomingRecord;
import io.taxistream.processor.trips.PickupCount;
import io.taxistream.processor.trips.TripAnalysis;
import io.taxistream.processor.trips.TripDuration;
import io.taxistream.search.SearchDocument;
import io.taxistream.search.SearchSink;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** An hour of trips for the job's own analysis and sink, and the results of a batch computation over the same trips. */
final class AnalyzedHour {

    private static final Instant BEGIN = Instant.parse("2016-01-01T00:00:00Z");
    private static final int TRIPS = 3_000;

    /** Midtown, where most trips begin, Wall Street and Chelsea. */
    private static final Point[] STARTS = {
        new Point(40.7580, -73.9855),
        new Point(40.7580, -73.9855),
        new Point(40.7580, -73.9855),
        new Point(40.7060, -74.0090),
        new Point(40.7420, -74.0048)
    };

    /** JFK, LaGuardia and Brooklyn. */
    private static final Point[] ENDS = {
        new Point(40.6413, -73.7781), new Point(40.7769, -73.8740), new Point(40.6900, -73.9860)
    };

    private final List<IncomingRecord> trips = new ArrayList<>();
    private final BatchComputation batch = new BatchComputation();

    AnalyzedHour(long seed) {
        Random random = new Random(seed);
        for (int id = 1; id <= TRIPS; id++) {
            int start = random.nextInt(STARTS.length);
            Point pickup = around(STARTS[start], random);
            Point dropoff = around(ENDS[random.nextInt(ENDS.length)], random);
            Instant end =
                    BEGIN.plusMillis(random.nextInt((int) Duration.ofHours(1).toMillis()));
            // the quiet places are farther away, so that the mean of the cells differs from the average over all trips
            Instant begin = end.minusSeconds(1_200 + 300L * start + random.nextInt(1_800));
            batch.add(begin, end, pickup, dropoff);
            trips.add(IncomingRecord.of(new TripEvent(
                    id,
                    begin.toEpochMilli(),
                    end.toEpochMilli(),
                    pickup.lat(),
                    pickup.lon(),
                    dropoff.lat(),
                    dropoff.lon(),
                    12.5)));
        }
    }

    private static Point around(Point place, Random random) {
        return new Point(
                place.lat() + (random.nextDouble() - 0.5) / 100, place.lon() + (random.nextDouble() - 0.5) / 100);
    }

    BatchComputation batch() {
        return batch;
    }

    /** Analyses the trips and stores the results in indices with the given prefix. */
    void store(String prefix, SearchSink.Builder<SearchDocument> sink) throws Exception {
        StreamExecutionEnvironment env = SinkJob.environment();
        DataStream<IncomingRecord> records = env.fromData(trips, TypeInformation.of(IncomingRecord.class))
                .assignTimestampsAndWatermarks(WatermarkStrategy.<IncomingRecord>noWatermarks()
                        .withTimestampAssigner(
                                (record, timestamp) -> record.trip().timestampMillis()));
        TripAnalysis.Results results = TripAnalysis.analyze(records, AnalysisOptions.DEFAULTS);
        results.pickupCounts()
                .map(result -> document(prefix, result))
                .returns(SearchDocument.class)
                .union(results.tripDurations()
                        .map(result -> document(prefix, result))
                        .returns(SearchDocument.class))
                .sinkTo(sink.documents(each -> each).build());
        env.execute();
    }

    private static SearchDocument document(String prefix, PickupCount result) {
        return SearchDocument.of(
                prefix + "-pickup-count",
                result.location() + "-" + result.timestampMillis(),
                "{\"timestamp\":%d,\"location\":\"%s\",\"pickup_count\":%d}"
                        .formatted(result.timestampMillis(), result.location(), result.pickupCount()));
    }

    private static SearchDocument document(String prefix, TripDuration result) {
        return SearchDocument.of(
                prefix + "-trip-duration",
                result.location() + "-" + result.airportCode() + "-" + result.timestampMillis(),
                ("{\"timestamp\":%d,\"location\":\"%s\",\"airport_code\":\"%s\",\"trip_count\":%d,"
                                + "\"sum_trip_duration\":%s,\"avg_trip_duration\":%s}")
                        .formatted(
                                result.timestampMillis(),
                                result.location(),
                                result.airportCode(),
                                result.tripCount(),
                                result.sumTripDuration(),
                                result.avgTripDuration()));
    }
}
