package io.taxistream.processor.trips;

import static java.util.Objects.requireNonNull;

import io.taxistream.events.TripEvent;
import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Determines the cell where a trip began and the airport where it ended. Trips that are left out are counted by reason.
 *
 * <p>Cells and airports are numbers from here on, in the state of open windows as well. The settings that give them their
 * meaning are therefore stored with the state, and a job with different settings fails on restore.
 */
final class LocateTrips extends ProcessFunction<IncomingRecord, CellTrip> implements CheckpointedFunction {

    private final AnalysisOptions options;
    private final List<Airport> airports;
    private final String stateSemantics;

    private final @Nullable String metricGroup;

    private final OutputTag<MalformedRecord> malformedRecords;
    private final OutputTag<CellTrips> lateTrips;
    private final long windowMillis;
    private final long allowedLatenessMillis;
    private final boolean eventTime;

    private transient Counter trips;
    private transient Counter outsideArea;
    private transient Counter implausible;
    private transient Counter malformed;
    private transient CellTrip located;

    /** @param metricGroup as in {@link MetricGroups#of} */
    LocateTrips(
            AnalysisOptions options,
            @Nullable String metricGroup,
            OutputTag<MalformedRecord> malformedRecords,
            OutputTag<CellTrips> lateTrips) {
        this.options = options;
        this.metricGroup = metricGroup;
        this.airports = options.airports();
        this.stateSemantics = options.stateSemantics();
        this.malformedRecords = malformedRecords;
        this.lateTrips = lateTrips;
        this.windowMillis = options.windowLength().toMillis();
        this.allowedLatenessMillis = options.allowedLateness().toMillis();
        this.eventTime = options.timeCharacteristic() == TimeCharacteristic.EVENT_TIME;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        ListState<String> storedSemantics = context.getOperatorStateStore()
                .getUnionListState(new ListStateDescriptor<>("meaning-of-state", Types.STRING));
        for (String semantics : storedSemantics.get()) {
            if (!semantics.equals(stateSemantics)) {
                throw new IllegalStateException("The job's state was written with " + semantics
                        + ", but the job was started with " + stateSemantics + ". Restore it with its original options."
                        + " To change them, stop the old job with --drain and start the new one without state.");
            }
        }
        storedSemantics.update(List.of(stateSemantics));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
        // the union list never changes
    }

    @Override
    public void open(OpenContext context) {
        MetricGroup metrics = MetricGroups.of(getRuntimeContext(), metricGroup);
        trips = metrics.counter(TripAnalysis.TRIPS_METRIC);
        outsideArea = metrics.counter(TripAnalysis.OUTSIDE_AREA_METRIC);
        implausible = metrics.counter(TripAnalysis.IMPLAUSIBLE_METRIC);
        malformed = metrics.counter(TripAnalysis.MALFORMED_METRIC);
        located = new CellTrip();
    }

    @Override
    public void processElement(IncomingRecord record, Context context, Collector<CellTrip> out) {
        TripEvent trip = record.trip();
        if (trip == null) {
            malformed.inc();
            context.output(malformedRecords, requireNonNull(record.malformed(), "a record is a trip or malformed"));
            return;
        }
        trips.inc();
        if (!options.isInServiceArea(trip)) {
            outsideArea.inc();
            return;
        }
        if (!options.isPlausible(trip)) {
            implausible.inc();
            return;
        }
        // The job runs with object reuse: downstream operators have used or copied the object when the call returns.
        located.tripId = trip.tripId();
        located.cell = options.cellAt(trip.pickupLat(), trip.pickupLon());
        located.airport = airportAt(trip.dropoffLat(), trip.dropoffLon());
        located.durationMillis = trip.dropoffMillis() - trip.pickupMillis();
        located.dropoffMillis = trip.dropoffMillis();
        if (eventTime && isLate(trip.timestampMillis(), record.watermarkMillis())) {
            context.output(lateTrips, CellTrips.of(located));
        } else {
            out.collect(located);
        }
    }

    /**
     * Returns whether the shard's watermark had passed the end of the trip's window when the trip was read. The window
     * operator makes the same check, but right after a restore it has no watermark yet and would reopen the window.
     */
    private boolean isLate(long timestampMillis, long watermarkMillis) {
        long windowStart = TimeWindow.getWindowStartWithOffset(timestampMillis, 0, windowMillis);
        return windowStart + windowMillis - 1 + allowedLatenessMillis <= watermarkMillis;
    }

    private int airportAt(double lat, double lon) {
        for (int i = 0; i < airports.size(); i++) {
            if (airports.get(i).bounds().contains(lat, lon)) {
                return i;
            }
        }
        return CellTrip.NO_AIRPORT;
    }
}
