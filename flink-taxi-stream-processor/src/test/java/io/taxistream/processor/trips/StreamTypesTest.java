package io.taxistream.processor.trips;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTypesTest {

    private static final SerializerConfigImpl NO_KRYO = new SerializerConfigImpl();

    static {
        NO_KRYO.setGenericTypes(false);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                IncomingRecord.class,
                MalformedRecord.class,
                CellAccumulator.class,
                LateTrip.class,
                PickupCount.class,
                TripDuration.class
            })
    void noStreamOrStateTypeFallsBackToKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Property
    void cellTripSerializerWritesAndCopiesAllFields(
            @ForAll long tripId, @ForAll long cell, @ForAll int airport, @ForAll long durationMillis)
            throws IOException {
        TypeSerializer<CellTrip> serializer = TypeInformation.of(CellTrip.class).createSerializer(NO_KRYO);
        CellTrip trip = new CellTrip();
        trip.tripId = tripId;
        trip.cell = cell;
        trip.airport = airport;
        trip.durationMillis = durationMillis;
        DataOutputSerializer written = new DataOutputSerializer(1);
        serializer.serialize(trip, written);
        DataOutputSerializer copied = new DataOutputSerializer(1);
        serializer.copy(new DataInputDeserializer(written.getCopyOfBuffer()), copied);

        assertThat(written.length()).isEqualTo(serializer.getLength());
        assertThat(serializer.deserialize(new DataInputDeserializer(written.getCopyOfBuffer())))
                .usingRecursiveComparison()
                .isEqualTo(trip);
        assertThat(serializer.deserialize(new CellTrip(), new DataInputDeserializer(copied.getCopyOfBuffer())))
                .usingRecursiveComparison()
                .isEqualTo(trip);
        assertThat(serializer.copy(trip)).usingRecursiveComparison().isEqualTo(trip);
    }
}
