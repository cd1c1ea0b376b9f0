package io.taxistream.eventtime.source;

import io.taxistream.eventtime.MalformedWatermarkException;
import io.taxistream.eventtime.WatermarkRecord;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.eventtime.SerializableTimestampAssigner;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parses the {@linkplain WatermarkRecord watermark records} that a sender adds to a stream, and delegates all other records to
 * a Flink {@link DeserializationSchema}.
 *
 * <p>A malformed or implausible watermark record is skipped, counted in {@code malformedWatermarks} and logged. A record that
 * the schema cannot read fails the job, unless the schema emits nothing for it.
 *
 * @param <T> type of the elements
 */
final class EventTimeDeserializer<T> implements RecordDeserializer<T> {

    private static final long serialVersionUID = 1;

    private static final Logger LOG = LoggerFactory.getLogger(EventTimeDeserializer.class);

    private final DeserializationSchema<T> schema;
    private final SerializableTimestampAssigner<T> eventTime;

    private transient Elements elements;
    private transient Counter malformedWatermarks;

    EventTimeDeserializer(DeserializationSchema<T> schema, SerializableTimestampAssigner<T> eventTime) {
        this.schema = Objects.requireNonNull(schema, "schema");
        this.eventTime = Objects.requireNonNull(eventTime, "eventTime");
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) throws Exception {
        schema.open(context);
        malformedWatermarks = context.getMetricGroup().counter("malformedWatermarks");
        elements = new Elements();
    }

    @Override
    public void deserialize(byte[] bytes, int offset, int length, RecordOutput<T> output) throws IOException {
        if (WatermarkRecord.isWatermark(bytes, offset, length)) {
            watermark(bytes, offset, length, output);
            return;
        }
        elements.output = output;
        schema.deserialize(Arrays.copyOfRange(bytes, offset, offset + length), elements);
    }

    private void watermark(byte[] bytes, int offset, int length, RecordOutput<T> output) {
        String problem;
        try {
            WatermarkRecord watermark = WatermarkRecord.parse(bytes, offset, length);
            boolean plausible = output.watermark(
                    watermark.part().index(), watermark.part().count(), watermark.watermarkMillis(), watermark.ended());
            if (plausible) {
                return;
            }
            problem = "it is too far in the future";
        } catch (MalformedWatermarkException e) {
            problem = String.valueOf(e.getMessage());
        }
        malformedWatermarks.inc();
        if (Long.bitCount(malformedWatermarks.getCount()) == 1) {
            LOG.warn(
                    "Skipped {} malformed watermarks so far, the last in record {} of shard {}: {}",
                    malformedWatermarks.getCount(),
                    output.record().sequenceNumber(),
                    output.record().shardId(),
                    problem);
        }
    }

    @Override
    public TypeInformation<T> getProducedType() {
        return schema.getProducedType();
    }

    /** Forwards the elements of a record with their event time. */
    private final class Elements implements Collector<T> {

        private @Nullable RecordOutput<T> output;

        @Override
        public void collect(T element) {
            RecordOutput<T> of = Objects.requireNonNull(output, "a schema collects only while it reads a record");
            of.collect(element, eventTime.extractTimestamp(element, of.record().arrivalMillis()));
        }

        @Override
        public void close() {
            // nothing to release
        }
    }
}
