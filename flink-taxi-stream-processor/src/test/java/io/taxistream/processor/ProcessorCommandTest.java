package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.taxistream.processor.kinesis.InitialPosition;
import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorCommandTest {

    @Test
    void thePublishedCommandLineWorks() throws UsageException {
        ProcessorOptions options = parse(
                "--region us-east-1 --stream taxi-trip-events --es-endpoint https://search-taxi.us-east-1.es.amazonaws.com");

        assertThat(options.region()).isEqualTo("us-east-1");
        assertThat(options.stream()).isEqualTo("taxi-trip-events");
        assertThat(options.searchEndpoint()).contains(URI.create("https://search-taxi.us-east-1.es.amazonaws.com"));
        assertThat(options.indexPrefix()).isEqualTo("taxi-dashboard");
        assertThat(options.checkpointInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThat(options.initialPosition()).isEqualTo(new InitialPosition.Latest());
        assertThat(options.analysis().timeCharacteristic()).isEqualTo(TimeCharacteristic.EVENT_TIME);
    }

    @Test
    void everyOptionReachesTheJob() throws UsageException {
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

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --stream s                                                 | --region
            --region r                                                 | --stream
            --region r --stream                                        | --stream
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
            """)
    void whatCannotBeRunIsSaidInOneLineThatNamesTheOption(String commandLine, String option) {
        UsageException error = catchThrowableOfType(UsageException.class, () -> parse(commandLine));

        assertThat(error).hasMessageContaining(option);
        assertThat(error.getMessage().lines()).hasSize(1);
    }

    private static ProcessorOptions parse(String commandLine) throws UsageException {
        return ProcessorCommand.parse(commandLine.split(" ")).orElseThrow();
    }
}
