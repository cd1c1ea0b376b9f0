package io.taxistream.processor.trips;

import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Bundles the trips of a cell and window, so that the window operator reads and writes its state once for many trips: with the
 * state in RocksDB this is most of its work (docs/benchmarks.md, "Bundles").
 *
 * <p>A bundle is emitted before the watermark that closes its window and before each checkpoint. Therefore bundling makes no trip
 * late, delays no result, and needs no state. In processing time, where the time of arrival counts, every trip is emitted at
 * once.
 */
final class BundleTrips extends AbstractStreamOperator<CellTrips>
        implements OneInputStreamOperator<CellTrip, CellTrips> {

    private static final long serialVersionUID = 1;

    /** Bounds the memory used: a few megabytes even if every trip has a cell of its own. */
    private static final int MAX_BUNDLED_TRIPS = 10_000;

    private final long windowMillis;
    private final int maxBundledTrips;

    /** By start of the window, then by cell. */
    private transient TreeMap<Long, Map<Long, CellTrips>> bundles = new TreeMap<>();

    private transient int bundledTrips;
    private transient long watermarkMillis;

    BundleTrips(AnalysisOptions options) {
        this.windowMillis = options.windowLength().toMillis();
        this.maxBundledTrips = options.timeCharacteristic() == TimeCharacteristic.EVENT_TIME ? MAX_BUNDLED_TRIPS : 1;
    }

    @Override
    public void open() throws Exception {
        super.open();
        bundles = new TreeMap<>();
        bundledTrips = 0;
        watermarkMillis = Long.MIN_VALUE;
    }

    @Override
    public void processElement(StreamRecord<CellTrip> element) {
        CellTrip trip = element.getValue();
        long windowStart = TimeWindow.getWindowStartWithOffset(trip.dropoffMillis, 0, windowMillis);
        if (maxBundledTrips == 1 || isClosed(windowStart)) {
            emit(CellTrips.of(trip));
            return;
        }
        bundles.computeIfAbsent(windowStart, start -> new HashMap<>())
                .computeIfAbsent(trip.cell, cell -> new CellTrips(cell))
                .add(trip);
        bundledTrips++;
        if (bundledTrips >= maxBundledTrips) {
            emitAll();
        }
    }

    @Override
    public void processWatermark(Watermark watermark) throws Exception {
        watermarkMillis = watermark.getTimestamp();
        while (!bundles.isEmpty() && isClosed(bundles.firstKey())) {
            emitWindow(bundles.pollFirstEntry().getValue());
        }
        super.processWatermark(watermark);
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        emitAll();
    }

    @Override
    public void finish() {
        emitAll();
    }

    private boolean isClosed(long windowStart) {
        return windowStart + windowMillis - 1 <= watermarkMillis;
    }

    private void emitAll() {
        bundles.values().forEach(this::emitWindow);
        bundles.clear();
    }

    private void emitWindow(Map<Long, CellTrips> cells) {
        for (CellTrips trips : cells.values()) {
            bundledTrips -= trips.count;
            emit(trips.trimmed());
        }
    }

    private void emit(CellTrips trips) {
        output.collect(new StreamRecord<>(trips, trips.dropoffMillis[0]));
    }
}
