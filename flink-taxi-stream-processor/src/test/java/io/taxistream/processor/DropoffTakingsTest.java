package io.taxistream.processor;

import static io.taxistream.processor.TaxiStreamProcessor.documents;
import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.events.TripEvent;
import io.taxistream.processor.trips.DropoffTakings;
import io.taxistream.processor.trips.IncomingRecord;
import io.taxistream.search.SearchDocument;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DropoffTakingsTest {

    @RegisterExtension
    static final MiniClusterExtension FLINK = new MiniClusterExtension();

    // tag::test[]
    @Test
    void sumsFaresByDropoffCell() throws Exception {
        List<SearchDocument> documents = run(
                trip(1, "2015-12-01T16:01:00Z", 40.7580, 12.10),
                trip(2, "2015-12-01T16:09:00Z", 40.7580, 7.30),
                trip(2, "2015-12-01T16:09:00Z", 40.7580, 7.30), // delivered twice
                trip(3, "2015-12-01T16:09:00Z", 40.6413, 52.00), // the only one in its cell
                trip(4, "2015-12-01T16:10:00Z", 40.7580, 9.00)); // the only one in its window

        assertThat(documents)
                .containsExactly(SearchDocument.of("taxi-dashboard-dropoff-takings", "dr5ru7-1448986199999", """
                        {"timestamp":1448986199999,"location":"dr5ru7","total_amount":19.4}"""));
    }
    // end::test[]

    private static IncomingRecord trip(long id, String dropoffTime, double dropoffLat, double totalAmount) {
        Instant dropoff = Instant.parse(dropoffTime);
        return IncomingRecord.of(new TripEvent(
                id,
                dropoff.minus(Duration.ofMinutes(8)).toEpochMilli(),
                dropoff.toEpochMilli(),
                40.7060,
                -74.0090,
                dropoffLat,
                -73.9855,
                totalAmount));
    }

    private static List<SearchDocument> run(IncomingRecord... trips) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        DataStream<IncomingRecord> records = env.fromData(List.of(trips), TypeInformation.of(IncomingRecord.class))
                .assignTimestampsAndWatermarks(WatermarkStrategy.<IncomingRecord>forMonotonousTimestamps()
                        .withTimestampAssigner(
                                (record, timestamp) -> record.trip().timestampMillis()));
        DropoffTakingsDocuments documents = new DropoffTakingsDocuments("taxi-dashboard");
        ProcessorOptions options = ProcessorCommand.parse("--region", "us-east-1", "--stream", "trips")
                .orElseThrow();
        // tag::wiring[]
        DataStream<SearchDocument> takings =
                documents(DropoffTakings.analyze(records, options.analysis()), documents::of, "dropoff-takings");
        // end::wiring[]
        return takings.executeAndCollect(10);
    }
}
