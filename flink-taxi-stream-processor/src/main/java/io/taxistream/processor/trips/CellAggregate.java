package io.taxistream.processor.trips;

import org.apache.flink.api.common.functions.AggregateFunction;

/** Aggregates the trips of a cell incrementally, so that windows hold totals and no trips. */
final class CellAggregate implements AggregateFunction<CellTrips, CellAccumulator, CellAccumulator> {

    private final int airports;

    CellAggregate(int airports) {
        this.airports = airports;
    }

    @Override
    public CellAccumulator createAccumulator() {
        return new CellAccumulator(airports);
    }

    @Override
    public CellAccumulator add(CellTrips trips, CellAccumulator accumulator) {
        accumulator.add(trips);
        return accumulator;
    }

    @Override
    public CellAccumulator getResult(CellAccumulator accumulator) {
        return accumulator;
    }

    @Override
    public CellAccumulator merge(CellAccumulator one, CellAccumulator other) {
        throw new UnsupportedOperationException("tumbling windows are never merged");
    }
}
