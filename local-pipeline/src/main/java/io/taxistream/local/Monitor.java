package io.taxistream.local;

import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads from the job and the search engine how far they have come. */
final class Monitor {

    static final String PICKUP_COUNT_INDEX = "taxi-dashboard-pickup-count";
    static final String TRIP_DURATION_INDEX = "taxi-dashboard-trip-duration";

    /** The job's counter of trips that it has read, those included that it leaves out. */
    static final String TRIPS_READ = "trips";

    /** The job's counters of what no result counts, and what a person would call them. */
    private static final Map<String, String> LEFT_OUT = leftOut();

    private final FlinkJob job;
    private final SearchClient search;

    Monitor(FlinkJob job, SearchClient search) {
        this.job = job;
        this.search = search;
    }

    /**
     * Reads the figures. The watermark is read first, so that the counters are at least as new.
     *
     * @throws IOException if the job or the search engine does not answer
     */
    Figures read(ProducerProgress producer) throws IOException {
        String state = job.state();
        Optional<Instant> eventTime = job.watermark();
        OptionalLong tripsRead = job.counter(TRIPS_READ);
        Map<String, Long> leftOut = new LinkedHashMap<>();
        for (Map.Entry<String, String> counter : LEFT_OUT.entrySet()) {
            job.counter(counter.getKey()).ifPresent(count -> leftOut.put(counter.getValue(), count));
        }
        return new Figures(
                state,
                producer,
                tripsRead,
                leftOut,
                eventTime,
                search.count(PICKUP_COUNT_INDEX),
                search.count(TRIP_DURATION_INDEX));
    }

    private static Map<String, String> leftOut() {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("tripsOutsideArea", "outside the area");
        labels.put("tripsImplausible", "implausible");
        labels.put("tripsLate", "late");
        labels.put("recordsMalformed", "malformed");
        labels.put("documentsDead", "documents refused by the search engine");
        return labels;
    }
}
