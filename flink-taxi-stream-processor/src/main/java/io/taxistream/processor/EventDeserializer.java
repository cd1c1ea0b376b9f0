package io.taxistream.processor;

import io.taxistream.events.Event;
import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.events.WatermarkEvent;
import io.taxistream.eventtime.WatermarkRecord;
import io.taxistream.eventtime.source.RecordDeserializer;
import io.taxistream.processor.trips.IncomingRecord;
import io.taxistream.processor.trips.MalformedRecord;
import java.util.Arrays;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Decodes the records of the stream: trips become elements, watermark records become the watermarks of their shards.
 */
final class EventDeserializer implements RecordDeserializer<IncomingRecord> {

    private static final String IMPLAUSIBLE_WATERMARK = "IMPLAUSIBLE_WATERMARK";

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
            malformed(e.reason().name(), String.valueOf(e.getMessage()), bytes, offset, length, out);
            return;
        }
        if (event instanceof TripEvent trip) {
            out.collect(IncomingRecord.of(trip, out.currentWatermark()), trip.timestampMillis());
        } else if (event instanceof WatermarkEvent heard) {
            WatermarkRecord watermark = heard.watermark();
            boolean plausible = out.watermark(
                    watermark.part().index(), watermark.part().count(), watermark.watermarkMillis(), watermark.ended());
            if (!plausible) {
                malformed(
                        IMPLAUSIBLE_WATERMARK,
                        "the watermark is in the future and too far ahead of the newest event",
                        bytes,
                        offset,
                        length,
                        out);
            }
        }
    }

    private static void malformed(
            String reason, String message, byte[] bytes, int offset, int length, RecordOutput<IncomingRecord> out) {
        byte[] data = Arrays.copyOfRange(bytes, offset, offset + length);
        out.collect(IncomingRecord.of(new MalformedRecord(reason, message, data)));
    }

    @Override
    public TypeInformation<IncomingRecord> getProducedType() {
        return TypeInformation.of(IncomingRecord.class);
    }
}
