package io.taxistream.processor.trips;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.CopyableValue;

/**
 * The fields of a trip that the windows need, and the only ones that cross the network.
 *
 * <p>It serializes itself, because every trip is serialized once between the two halves of the job: with Flink's POJO
 * serializer the whole job processes an eighth fewer trips per CPU second (docs/benchmarks.md, "Hand-written code"). It is not
 * part of any state, so no later build has to read it.
 */
public final class CellTrip implements CopyableValue<CellTrip> {

    private static final long serialVersionUID = 1;

    /** Value of {@link #airport} for a trip that does not end at an airport. */
    static final int NO_AIRPORT = -1;

    private static final int BYTES = 3 * Long.BYTES + Integer.BYTES;

    /** Identifies the trip, so that it counts once. */
    public long tripId;

    /** Geohash cell of the pick-up, from {@link AnalysisOptions#cellAt(double, double)}. */
    public long cell;

    /** Index of the airport in {@link AnalysisOptions#airports()}, or {@link #NO_AIRPORT}. */
    public int airport;

    /** Milliseconds from pick-up to drop-off. */
    public long durationMillis;

    @Override
    public void write(DataOutputView out) throws IOException {
        out.writeLong(tripId);
        out.writeLong(cell);
        out.writeInt(airport);
        out.writeLong(durationMillis);
    }

    @Override
    public void read(DataInputView in) throws IOException {
        tripId = in.readLong();
        cell = in.readLong();
        airport = in.readInt();
        durationMillis = in.readLong();
    }

    @Override
    public int getBinaryLength() {
        return BYTES;
    }

    @Override
    public void copyTo(CellTrip target) {
        target.tripId = tripId;
        target.cell = cell;
        target.airport = airport;
        target.durationMillis = durationMillis;
    }

    @Override
    public CellTrip copy() {
        CellTrip copy = new CellTrip();
        copyTo(copy);
        return copy;
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        target.writeLong(source.readLong());
        target.writeLong(source.readLong());
        target.writeInt(source.readInt());
        target.writeLong(source.readLong());
    }
}
