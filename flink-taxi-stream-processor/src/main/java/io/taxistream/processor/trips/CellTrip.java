package io.taxistream.processor.trips;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.CopyableValue;

/**
 * What the windows need to know of a trip: all that crosses the network.
 *
 * <p>Every trip is written and read once between the two halves of the job, so it writes its own bytes, several times as
 * fast as a POJO's fields are looked up. It is in no state: windows hold what they have added up, and nothing has to be
 * read by a later build.
 */
public final class CellTrip implements CopyableValue<CellTrip> {

    private static final long serialVersionUID = 1;

    /** {@link #airport} of a trip that goes to none. */
    static final int NO_AIRPORT = -1;

    private static final int BYTES = 3 * Long.BYTES + Integer.BYTES;

    /** Identifies the trip, so that it counts once. */
    public long tripId;

    /** Geohash cell of the pick-up, of {@link AnalysisOptions#cellAt(double, double)}. */
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
