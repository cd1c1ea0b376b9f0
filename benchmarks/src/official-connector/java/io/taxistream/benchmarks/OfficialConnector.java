package io.taxistream.benchmarks;

import static java.util.Objects.requireNonNull;

import io.taxistream.events.EventReader;
import io.taxistream.events.MalformedEventException;
import io.taxistream.events.TripEvent;
import io.taxistream.eventtime.source.StreamRecords;
import io.taxistream.processor.trips.IncomingRecord;
import java.io.IOException;
import java.net.URI;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.aws.config.AWSConfigConstants;
import org.apache.flink.connector.kinesis.source.KinesisStreamsSource;
import org.apache.flink.connector.kinesis.source.config.KinesisSourceConfigOptions;
import org.apache.flink.connector.kinesis.source.serialization.KinesisDeserializationSchema;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * Reads the stream of the {@linkplain SourceBenchmark source benchmark} with the official connector. It does not
 * deaggregate records, so its deserializer does, with the code that this project's source uses. It is not asked for
 * watermarks.
 */
final class OfficialConnector {

    private static final String ACCOUNT = "000000000000";

    private OfficialConnector() {}

    /** Runs the process that is measured. Arguments: the Kinesis endpoint, and the numbers of trips before the
     * measurement and measured. */
    public static void main(String[] args) throws Exception {
        URI kinesis = URI.create(args[0]);
        long before = Long.parseLong(args[1]);
        long measured = Long.parseLong(args[2]);
        Rounds.serve(() -> {
            StreamExecutionEnvironment env = SourceBenchmark.environment();
            KinesisStreamsSource<IncomingRecord> source = KinesisStreamsSource.<IncomingRecord>builder()
                    .setStreamArn(
                            "arn:aws:kinesis:" + KinesisHost.REGION + ":" + ACCOUNT + ":stream/" + KinesisHost.STREAM)
                    .setSourceConfig(configuration(kinesis))
                    .setDeserializationSchema(new Trips(before))
                    .build();
            JobBenchmark.consume(env.fromSource(
                    source, WatermarkStrategy.noWatermarks(), "Stream", TypeInformation.of(IncomingRecord.class)));
            return SourceBenchmark.execute(env, before, measured);
        });
    }

    private static Configuration configuration(URI kinesis) {
        Configuration configuration = new Configuration();
        configuration.setString(AWSConfigConstants.AWS_REGION, KinesisHost.REGION);
        configuration.setString(AWSConfigConstants.AWS_ENDPOINT, kinesis.toString());
        configuration.set(
                KinesisSourceConfigOptions.STREAM_INITIAL_POSITION,
                KinesisSourceConfigOptions.InitialPosition.TRIM_HORIZON);
        return configuration;
    }

    /** Deaggregates and decodes records, and starts measuring after a given number of trips. */
    private static final class Trips implements KinesisDeserializationSchema<IncomingRecord> {

        private final long tripsBefore;
        /** Null before {@link #open}. */
        private transient @Nullable EventReader reader;

        private transient long trips;

        Trips(long tripsBefore) {
            this.tripsBefore = tripsBefore;
        }

        @Override
        public void open(DeserializationSchema.InitializationContext context) {
            reader = new EventReader();
        }

        @Override
        public void deserialize(Record record, String stream, String shardId, Collector<IncomingRecord> output)
                throws IOException {
            EventReader events = requireNonNull(reader, "opened");
            try {
                StreamRecords.forEachUserRecord(record.data().asByteArrayUnsafe(), (bytes, offset, length) -> {
                    if (events.read(bytes, offset, length) instanceof TripEvent trip) {
                        if (trips++ == tripsBefore) {
                            Rounds.startNow();
                        }
                        output.collect(IncomingRecord.of(trip));
                    }
                });
            } catch (MalformedEventException e) {
                throw new IOException(e);
            }
        }

        @Override
        public TypeInformation<IncomingRecord> getProducedType() {
            return TypeInformation.of(IncomingRecord.class);
        }
    }
}
