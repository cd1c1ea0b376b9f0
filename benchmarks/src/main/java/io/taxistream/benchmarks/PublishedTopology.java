package io.taxistream.benchmarks;

import ch.hsr.geohash.GeoHash;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.taxistream.processor.trips.Airport;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.GeoBox;
import io.taxistream.processor.trips.PickupCount;
import io.taxistream.processor.trips.TripDuration;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.StreamSupport;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.windowing.WindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * The analysis that the published description of the pipeline suggests, for comparison: Jackson's tree model and {@code
 * java.time}, a rebalance after the source, the geohash as a string, one exchange per result, and windows that hold
 * their trips until they close. It does not deduplicate trips by id, so its results are the same only for ordered input
 * without duplicates.
 */
final class PublishedTopology {

    private static final AnalysisOptions OPTIONS = AnalysisOptions.DEFAULTS;

    private PublishedTopology() {}

    record Results(DataStream<PickupCount> pickupCounts, DataStream<TripDuration> tripDurations) {}

    /** A trip within the area; public and mutable, as Flink's POJO serializer requires. */
    public static final class LocatedTrip {
        /** Geohash of the pick-up. */
        public String location = "";
        /** Code of the airport where the trip ended; empty if it did not end at one. */
        public String airport = "";
        /** Drop-off, milliseconds since the epoch. */
        public long dropoffMillis;
        /** Duration in milliseconds. */
        public long durationMillis;

        /** Returns the key by which durations are averaged. */
        public String destination() {
            return location + "-" + airport;
        }
    }

    static Results build(DataStream<byte[]> records, long watermarkIntervalMillis) {
        DataStream<LocatedTrip> trips = records.rebalance()
                .flatMap(new Locate())
                .returns(LocatedTrip.class)
                .assignTimestampsAndWatermarks(WatermarkStrategy.<LocatedTrip>forGenerator(
                                context -> new JobBenchmark.WatermarkEveryMinute<>())
                        .withTimestampAssigner((trip, before) -> trip.dropoffMillis));
        TumblingEventTimeWindows windows = TumblingEventTimeWindows.of(OPTIONS.windowLength());
        return new Results(
                trips.keyBy(trip -> trip.location)
                        .window(windows)
                        .apply(new CountPickups(), TypeInformation.of(PickupCount.class)),
                trips.filter(trip -> !trip.airport.isEmpty())
                        .keyBy(LocatedTrip::destination, Types.STRING)
                        .window(windows)
                        .apply(new AverageDuration(), TypeInformation.of(TripDuration.class)));
    }

    private static final class Locate extends RichFlatMapFunction<byte[], LocatedTrip> {

        private transient ObjectMapper mapper;

        @Override
        public void open(OpenContext context) {
            mapper = new ObjectMapper();
        }

        @Override
        public void flatMap(byte[] record, Collector<LocatedTrip> out) throws IOException {
            JsonNode event = mapper.readTree(record);
            Instant pickup = Instant.parse(event.get("pickup_datetime").asText());
            Instant dropoff = Instant.parse(event.get("dropoff_datetime").asText());
            double pickupLat = event.get("pickup_lat").asDouble();
            double pickupLon = event.get("pickup_lon").asDouble();
            double dropoffLat = event.get("dropoff_lat").asDouble();
            double dropoffLon = event.get("dropoff_lon").asDouble();
            GeoBox area = OPTIONS.serviceArea();
            Duration duration = Duration.between(pickup, dropoff);
            if (!area.contains(pickupLat, pickupLon)
                    || !area.contains(dropoffLat, dropoffLon)
                    || duration.isNegative()
                    || duration.compareTo(OPTIONS.maxTripDuration()) > 0) {
                return;
            }
            LocatedTrip trip = new LocatedTrip();
            trip.location =
                    GeoHash.geoHashStringWithCharacterPrecision(pickupLat, pickupLon, OPTIONS.geohashPrecision());
            trip.airport = OPTIONS.airports().stream()
                    .filter(airport -> airport.bounds().contains(dropoffLat, dropoffLon))
                    .map(Airport::code)
                    .findFirst()
                    .orElse("");
            trip.dropoffMillis = dropoff.toEpochMilli();
            trip.durationMillis = duration.toMillis();
            out.collect(trip);
        }
    }

    private static final class CountPickups implements WindowFunction<LocatedTrip, PickupCount, String, TimeWindow> {

        @Override
        public void apply(String location, TimeWindow window, Iterable<LocatedTrip> trips, Collector<PickupCount> out) {
            long count = StreamSupport.stream(trips.spliterator(), false).count();
            if (count >= OPTIONS.minTrips()) {
                out.collect(new PickupCount(window.maxTimestamp(), location, count));
            }
        }
    }

    private static final class AverageDuration
            implements WindowFunction<LocatedTrip, TripDuration, String, TimeWindow> {

        @Override
        public void apply(
                String destination, TimeWindow window, Iterable<LocatedTrip> trips, Collector<TripDuration> out) {
            long count = 0;
            double minutes = 0;
            LocatedTrip any = new LocatedTrip();
            for (LocatedTrip trip : trips) {
                any = trip;
                count++;
                minutes += trip.durationMillis / 60_000.0;
            }
            if (count >= OPTIONS.minTrips()) {
                out.collect(new TripDuration(window.maxTimestamp(), any.location, any.airport, count, minutes));
            }
        }
    }
}
