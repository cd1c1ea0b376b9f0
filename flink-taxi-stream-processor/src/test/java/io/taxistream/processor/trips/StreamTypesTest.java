package io.taxistream.processor.trips;

import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTypesTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                IncomingRecord.class,
                MalformedRecord.class,
                CellAccumulator.class,
                CellTrip.class,
                CellTrips.class,
                LateTrip.class,
                PickupCount.class,
                TripDuration.class
            })
    void noStreamOrStateTypeFallsBackToKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }
}
