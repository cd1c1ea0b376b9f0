package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.taxistream.commandline.UsageException;
import io.taxistream.eventtime.source.EnhancedFanOut;
import io.taxistream.eventtime.source.InitialPosition;
import io.taxistream.eventtime.source.KinesisSource;
import io.taxistream.eventtime.source.Polling;
import io.taxistream.processor.trips.Airport;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import io.taxistream.processor.trips.GeoBox;
import io.taxistream.search.Authentication;
import io.taxistream.search.SearchSink;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessorCommandTest {

    @Test
    void publishedCommandLineWorks() {
        ProcessorOptions options = parse("--region us-east-1 --stream taxi-trip-events --es-endpoint"
                + " https://search-taxi.us-east-1.es.amazonaws.com");

        assertThat(options.region()).isEqualTo("us-east-1");
        assertThat(options.streams()).containsExactly("taxi-trip-events");
        assertThat(options.searchEndpoint()).contains(URI.create("https://search-taxi.us-east-1.es.amazonaws.com"));
        assertThat(options.indexPrefix()).isEqualTo("taxi-dashboard");
        assertThat(options.search())
                .isEqualTo(new SearchOptions(
                        new Authentication.SigV4("us-east-1", "es"),
                        SearchSink.DEFAULT_BULK_ACTIONS,
                        5 << 20,
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(10),
                        false,
                        Optional.empty()));
        assertThat(options.checkpointInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThat(options.initialPosition()).isEqualTo(new InitialPosition.Latest());
        assertThat(options.analysis()).isEqualTo(AnalysisOptions.DEFAULTS);
        assertThat(options.rejectedRecords()).isEqualTo(new RejectedRecords.ToIndex());
        assertThat(options.maxReadAhead()).isEqualTo(Duration.ofHours(3));
        assertThat(options.maxWatermarkAdvance()).isEqualTo(Duration.ofDays(1));
        assertThat(options.stateBackend()).isEmpty();
        assertThat(options.checkpointFolder()).isEmpty();
    }

    @Test
    void everyOptionReachesTheJob() {
        ProcessorOptions options = parse("--region eu-west-1 --stream s --es-index other --checkpoint 500 --noeventtime"
                + " --endpoint http://localhost:4567 --initial-position AT_TIMESTAMP"
                + " --initial-timestamp 2016-01-01T00:00:00-05:00");

        assertThat(options.searchEndpoint()).isEmpty();
        assertThat(options.indexPrefix()).isEqualTo("other");
        assertThat(options.checkpointInterval()).isEqualTo(Duration.ofMillis(500));
        assertThat(options.analysis().timeCharacteristic()).isEqualTo(TimeCharacteristic.PROCESSING_TIME);
        assertThat(options.endpoint()).contains(URI.create("http://localhost:4567"));
        assertThat(options.initialPosition())
                .isEqualTo(new InitialPosition.AtTimestamp(Instant.parse("2016-01-01T05:00:00Z")));
    }

    @Test
    void everyAnalysisOptionReachesTheAnalysis() {
        ProcessorOptions options =
                parse("--region r --stream s --window 90s --allowed-lateness 60min --geohash-precision 7"
                        + " --min-trips 5 --max-trip-duration 500ms --service-area -1,1.5,-74,-73"
                        + " --airport EWR=40.66,40.71,-74.20,-74.15 --airport JFK=40.62,40.67,-73.83,-73.74");

        assertThat(options.analysis())
                .isEqualTo(new AnalysisOptions(
                        TimeCharacteristic.EVENT_TIME,
                        Duration.ofSeconds(90),
                        Duration.ofHours(1),
                        7,
                        5,
                        Duration.ofMillis(500),
                        new GeoBox(-1, 1.5, -74, -73),
                        List.of(
                                new Airport("EWR", new GeoBox(40.66, 40.71, -74.20, -74.15)),
                                new Airport("JFK", new GeoBox(40.62, 40.67, -73.83, -73.74)))));
    }

    @Test
    void optionsSetTheLocationOfStateAndRejectedRecords() {
        ProcessorOptions options = parse("--region r --stream s --state-backend rocksdb --checkpoint-dir s3://b/state"
                + " --rejected hdfs:///rejected --max-read-ahead 30m --max-watermark-advance 90m");

        assertThat(options.stateBackend()).contains(StateBackend.ROCKSDB);
        assertThat(options.checkpointFolder()).contains(URI.create("s3://b/state"));
        assertThat(options.rejectedRecords()).isEqualTo(new RejectedRecords.ToFiles(URI.create("hdfs:///rejected")));
        assertThat(options.maxReadAhead()).isEqualTo(Duration.ofMinutes(30));
        assertThat(options.maxWatermarkAdvance()).isEqualTo(Duration.ofMinutes(90));
        assertThat(parse("--region r --stream s --rejected none").rejectedRecords())
                .isEqualTo(new RejectedRecords.Dropped());
    }

    @Test
    void readsByPollingOrWithEnhancedFanOut() {
        assertThat(parse("--region r --stream s").consumer()).isEqualTo(new Polling());
        assertThat(parse("--region r --stream s --consumer polling").consumer()).isEqualTo(new Polling());
        assertThat(parse("--region r --stream s --consumer efo").consumer())
                .isInstanceOf(EnhancedFanOut.class)
                .hasToString("consumer taxi-stream-processor");
        assertThat(parse("--region r --stream s --consumer efo:blue.2").consumer())
                .hasToString("consumer blue.2");
    }

    @Test
    void watermarkAlignmentIsOffWithoutEventTime() {
        assertThat(parse("--region r --stream s --noeventtime").maxReadAhead())
                .isEqualTo(KinesisSource.UNLIMITED_READ_AHEAD);
    }

    @Test
    void everyOptionOfTheSearchEngineReachesTheJob() {
        SearchOptions options = parse("--region eu-west-1 --stream s --es-endpoint https://search --es-bulk-actions 7"
                        + " --es-bulk-size 300kb --es-flush-interval 20ms --es-retry-timeout 90s"
                        + " --es-dead-letters s3://bucket/dead --es-auth sigv4 --es-service aoss")
                .search();

        assertThat(options)
                .isEqualTo(new SearchOptions(
                        new Authentication.SigV4("eu-west-1", "aoss"),
                        7,
                        300 << 10,
                        Duration.ofMillis(20),
                        Duration.ofSeconds(90),
                        false,
                        Optional.of("s3://bucket/dead")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://localhost:9200                                        | None[]
            http://localhost:9200 --es-auth sigv4                        | SigV4[region=r, service=es]
            https://search                                               | SigV4[region=r, service=es]
            https://x.r.aoss.amazonaws.com                               | SigV4[region=r, service=aoss]
            https://search --es-auth NONE                                | None[]
            https://search --es-auth basic                               | BasicFromEnvironment[]
            http://localhost --es-auth basic                             | BasicFromEnvironment[]
            http://search --es-auth basic --es-basic-over-http           | BasicFromEnvironment[]
            https://search --es-auth basic --es-credentials /etc/secret  | BasicFromFile[path=/etc/secret]
            """)
    void authenticationFollowsFromTheEndpointOrTheOption(String endpoint, String authentication) {
        ProcessorOptions options = parse("--region r --stream s --es-endpoint " + endpoint);

        assertThat(options.search().authentication()).hasToString(authentication);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --stream s                                                 | --region
            --region r                                                 | --stream
            --region r --stream                                        | --stream
            --region r --stream s,,t                                   | --stream
            --region r --stream s,t,s                                  | --stream
            --region r --stream s --speed 3                            | --speed
            --region r --stream s surplus                              | surplus
            --region r --stream s --checkpoint soon                    | --checkpoint
            --region r --stream s --checkpoint 9                       | --checkpoint
            --region r --stream s --initial-position MIDDLE            | --initial-position
            --region r --stream s --initial-position AT_TIMESTAMP      | --initial-timestamp
            --region r --stream s --initial-timestamp 2016-01-01T05:00:00Z | --initial-position
            --region r --stream s --initial-timestamp noon             | --initial-timestamp
            --region r --stream s --es-endpoint search                 | --es-endpoint
            --region r --stream s --es-endpoint ftp://search           | --es-endpoint
            --region r --stream s --es-endpoint https://me:pw@search   | --es-endpoint
            --region r --stream s --es-index Taxi                      | --es-index
            --region r --stream s --window 10                          | --window
            --region r --stream s --window 999ms                       | --window
            --region r --stream s --window 25h                         | --window
            --region r --stream s --allowed-lateness -1s               | --allowed-lateness
            --region r --stream s --geohash-precision 0                | --geohash-precision
            --region r --stream s --geohash-precision 13               | --geohash-precision
            --region r --stream s --min-trips 0                        | --min-trips
            --region r --stream s --max-trip-duration 0s               | --max-trip-duration
            --region r --stream s --service-area 1,2,3                 | --service-area
            --region r --stream s --service-area 1,2,3,x               | --service-area
            --region r --stream s --service-area 2,1,3,4               | --service-area
            --region r --stream s --airport JFK                        | --airport
            --region r --stream s --airport jfk=1,2,3,4                | --airport
            --region r --stream s --airport A=1,2,3,91,5               | --airport
            --region r --stream s --airport A=1,2,3,4 --airport A=5,6,7,8 | --airport A is defined twice
            --region r --stream s --airport A=1,2,3,4 --airport B=2,3,4,5 | --airport B overlaps airport A
            --region r --stream s --max-read-ahead 0s                  | --max-read-ahead
            --region r --stream s --consumer pull                      | --consumer is 'pull'; it must be polling, efo, or efo:NAME
            --region r --stream s --consumer efo:                      | --consumer
            --region r --stream s --consumer efo:a/b                   | --consumer is 'efo:a/b'; it must be polling
            --region r --stream s --max-watermark-advance 59s          | --max-watermark-advance
            --region r --stream s --rejected file                      | --rejected
            --region r --stream s --rejected s3://me:pw@b/r            | --rejected
            --region r --stream s --state-backend disk                 | --state-backend
            --region r --stream s --checkpoint-dir checkpoints         | --checkpoint-dir
            --region r --stream s --es-auth password                   | --es-auth
            --region r --stream s --es-endpoint https://s --es-service s3 | --es-service
            --region r --stream s --es-endpoint https://s --es-auth none --es-service es | --es-service
            --region r --stream s --es-endpoint https://s --es-credentials f | --es-credentials
            --region r --stream s --es-endpoint http://s --es-auth basic | --es-basic-over-http
            --region r --stream s --es-endpoint https://s --es-auth none --es-basic-over-http | --es-basic-over-http
            --region r --stream s --es-bulk-actions 0                  | --es-bulk-actions
            --region r --stream s --es-bulk-actions many               | --es-bulk-actions
            --region r --stream s --es-bulk-size 101mb                 | --es-bulk-size
            --region r --stream s --es-bulk-size large                 | --es-bulk-size
            --region r --stream s --es-flush-interval 0ms              | --es-flush-interval
            --region r --stream s --es-flush-interval soon             | --es-flush-interval
            --region r --stream s --es-retry-timeout never             | --es-retry-timeout
            --region us/east --stream s                                | --region is 'us/east'
            --region r --stream s/t                                    | --stream is 's/t'; it must be a name of 1 to 128 letters
            --region r --stream s --checkpoint 99999999999999          | it must be a whole number of milliseconds from 10 to 86400000
            --region r --stream s --checkpoint -99999999999999         | it must be a whole number of milliseconds from 10 to 86400000
            --region r --stream s --checkpoint 1e999999999             | it must be a whole number of milliseconds from 10 to 86400000
            --region r --stream s --checkpoint 86400001                | it must be a whole number of milliseconds from 10 to 86400000
            --region r --stream s --checkpoint 100.5                   | it must be a whole number
            --region r --stream s --checkpoint 1e-999999999            | --checkpoint
            --region r --stream s --checkpoint NaN                     | --checkpoint
            --region r --stream s --min-trips 99999999999              | it must be a whole number from 1 to 1000000
            --region r --stream s --geohash-precision 99999999999      | it must be a whole number from 1 to 12
            --region r --stream s --geohash-precision fine             | --geohash-precision
            --region r --stream s --window 99999999999999999999h       | 10m or 6h from 1s to 24h
            --region r --stream s --window -1s                         | --window
            --region r --stream s --allowed-lateness 8761h             | 10m or 6h from 0s to 8760h
            --region r --stream s --max-trip-duration 9999999999999h   | 10m or 6h from 1ms to 8760h
            --region r --stream s --max-read-ahead 99999999999999999h  | 10m or 6h from 1ms to 8760h
            --region r --stream s --es-bulk-actions 99999999999        | --es-bulk-actions is '99999999999'; it must be a whole number from 1 to 100000
            --region r --stream s --es-bulk-size 99999999999999999999  | --es-bulk-size
            --region r --stream s --es-bulk-size -1                    | --es-bulk-size
            --region r --stream s --es-flush-interval 61min            | 10m or 6h from 1ms to 1h
            --region r --stream s --es-retry-timeout 99999999999999h   | 10m or 6h from 1ms to 8760h
            --region r --stream s --initial-position AT_TIMESTAMP --initial-timestamp +999999999-12-31T00:00:00Z | it must be a time such as 2016-01-01T05:00:00Z from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z
            --region r --stream s --initial-position AT_TIMESTAMP --initial-timestamp 1969-12-31T00:00:00Z | it must be a time such as 2016-01-01T05:00:00Z from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z
            --region r --stream s --initial-position AT_TIMESTAMP --initial-timestamp 9999-12-31 | --initial-timestamp
            --region r --stream s --service-area NaN,1,2,3             | --service-area
            --region r --stream s --service-area -1e308,1e308,2,3      | --service-area
            --region r --stream s --airport A=1,Infinity,3,4           | --airport
            --region r --stream s --airport =1,2,3,4                   | --airport
            --region r --stream s --endpoint https://h:65536           | --endpoint
            --region r --stream s --endpoint https://h:0               | --endpoint
            --region r --stream s --endpoint h:4567                    | --endpoint
            --region r --stream s --es-endpoint https://h:99999        | --es-endpoint
            --region r --stream s --es-dead-letters                    | --es-dead-letters
            --region r --stream s --rejected ftp                       | --rejected
            --region r --stream s --state-backend                      | --state-backend
            --region r --stream s --checkpoint-dir s3://b?x            | --checkpoint-dir
            """)
    void whatCannotBeRunIsSaidInOneLineThatNamesTheOption(String commandLine, String option) {
        UsageException error = catchThrowableOfType(UsageException.class, () -> parse(commandLine));

        assertThat(error).hasMessageContaining(option);
        assertThat(error.getMessage().lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--region",
                "--stream",
                "--es-endpoint",
                "--es-index",
                "--checkpoint",
                "--initial-position",
                "--initial-timestamp",
                "--endpoint",
                "--rejected",
                "--max-read-ahead",
                "--consumer",
                "--state-backend",
                "--checkpoint-dir",
                "--es-auth",
                "--es-service",
                "--es-credentials",
                "--es-bulk-actions",
                "--es-bulk-size",
                "--es-flush-interval",
                "--es-retry-timeout",
                "--es-dead-letters",
                "--window",
                "--allowed-lateness",
                "--geohash-precision",
                "--min-trips",
                "--max-trip-duration",
                "--service-area",
                "--airport"
            })
    void emptyValueIsNamed(String option) {
        List<String> arguments = new ArrayList<>(List.of("--region", "r", "--stream", "s"));
        arguments.removeAll(
                option.equals("--region")
                        ? List.of("--region", "r")
                        : option.equals("--stream") ? List.of("--stream", "s") : List.of());
        arguments.add(option);
        arguments.add("");

        UsageException error = catchThrowableOfType(
                UsageException.class, () -> ProcessorCommand.parse(arguments.toArray(String[]::new)));

        assertThat(error).hasMessageContaining(option);
        assertThat(error.getMessage().lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--checkpoint 10",
                "--checkpoint 86400000",
                "--allowed-lateness 8760h",
                "--max-read-ahead 1ms",
                "--max-read-ahead 8760h",
                "--min-trips 1000000",
                "--es-flush-interval 1h",
                "--es-flush-interval 1ms",
                "--es-retry-timeout 31536000000ms",
                "--endpoint https://localhost:65535",
                "--initial-position AT_TIMESTAMP --initial-timestamp 1970-01-01T00:00:00Z",
                "--stream arn:aws:kinesis:us-east-1:123456789012:stream/trips"
            })
    void rangeBoundsAreAccepted(String options) {
        String stream = options.startsWith("--stream") ? "" : "--stream s ";

        assertThat(parse("--region r " + stream + options)).isNotNull();
    }

    private static ProcessorOptions parse(String commandLine) {
        return ProcessorCommand.parse(commandLine.split(" ")).orElseThrow();
    }
}
