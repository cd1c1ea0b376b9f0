package io.taxistream.processor;

import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.eventtime.source.RecordDeserializer;
import io.taxistream.processor.trips.IncomingRecord;
import io.taxistream.processor.trips.MalformedRecord;
import java.util.Arrays;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** Decodes the records of the stream: trips become elements, watermark records the watermark of their shard. */
final class EventDeserializer implements RecordDeserializer<IncomingRecord> {

    private transient EventReader reader;

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        reader = new EventReader();
    }

    @Override
    public void deserialize(byte[] bytes, int offset, int length, RecordOutput<IncomingRecord> out) {
        Event event;
        try {
            event = reader.read(bytes, offset, length);
        } catch (MalformedEventException e) {
            byte[] data = Arrays.copyOfRange(bytes, offset, offset + length);
            out.collect(IncomingRecord.of(new MalformedRecord(e.reason().name(), e.getMessage(), data)));
            return;
        }
        if (event instanceof TripEvent trip) {
            out.collect(IncomingRecord.of(trip, out.currentWatermark()), trip.timestampMillis());
        } else if (event instanceof WatermarkEvent watermark) {
            out.watermark(watermark.watermarkMillis());
        }
    }

    @Override
    public TypeInformation<IncomingRecord> getProducedType() {
        return TypeInformation.of(IncomingRecord.class);
    }
}
