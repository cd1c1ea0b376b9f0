package io.taxistream.processor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.taxistream.commandline.UsageException;
import io.taxistream.credentials.CredentialsSource.AssumedRole;
import io.taxistream.credentials.CredentialsSource.DefaultChain;
import io.taxistream.eventtime.source.InitialPosition;
import io.taxistream.processor.trips.Airport;
import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Isolated("sets a system property")
class ManagedServiceTest {

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void setPropertiesFile() {
        file = folder.resolve("application_properties.json");
        System.setProperty(ManagedService.FILE_PROPERTY, file.toString());
    }

    @AfterEach
    void clearPropertiesFile() {
        System.clearProperty(ManagedService.FILE_PROPERTY);
    }

    @Test
    void detectsTheServiceByRuntimePropertiesWithoutArguments() throws IOException {
        assertThat(ManagedService.runs(new String[0])).isFalse();

        properties("region=eu-west-1", "stream=trips");

        assertThat(ManagedService.runs(new String[0])).isTrue();
        assertThat(ManagedService.runs(new String[] {"--help"})).isFalse();
    }

    @Test
    void optionsArePropertiesWithoutDashes() throws Exception {
        properties(
                "region=eu-west-1",
                "stream=trips,more-trips",
                "es-endpoint=https://search-x.eu-west-1.es.amazonaws.com",
                "noeventtime=true",
                "initial-position=TRIM_HORIZON",
                "airport=EWR=40.68,40.71,-74.19,-74.15; TEB=40.84,40.86,-74.07,-74.05",
                "aws-role=arn:aws:iam::123456789012:role/reader");

        ProcessorOptions options = ManagedService.options();

        assertThat(options.region()).isEqualTo("eu-west-1");
        assertThat(options.streams()).containsExactly("trips", "more-trips");
        assertThat(options.analysis().timeCharacteristic()).isEqualTo(TimeCharacteristic.PROCESSING_TIME);
        assertThat(options.initialPosition()).isEqualTo(new InitialPosition.TrimHorizon());
        assertThat(options.analysis().airports()).extracting(Airport::code).containsExactly("EWR", "TEB");
        assertThat(options.access().ofStream())
                .isEqualTo(new AssumedRole("arn:aws:iam::123456789012:role/reader", null, new DefaultChain()));
    }

    @Test
    void flagIsSetOnlyByTrue() throws Exception {
        properties("region=r", "stream=s", "noeventtime=false");

        assertThat(ManagedService.options().analysis().timeCharacteristic()).isEqualTo(TimeCharacteristic.EVENT_TIME);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            checkpoint=1000                           | property checkpoint is not supported by Amazon Managed Service for Apache Flink; set the checkpoint interval of the application
            checkpoint-dir=s3://b/c                   | property checkpoint-dir is not supported
            state-backend=heap                        | property state-backend is not supported
            es-endpoint=https://s;es-auth=basic       | property es-auth: basic authentication is not supported by Amazon Managed Service for Apache Flink
            es-credentials=/etc/secret                | property es-credentials is not supported
            es-basic-over-http=true                   | property es-basic-over-http is not supported
            es-dead-letters=/var/dead                 | property es-dead-letters is /var/dead; a folder on the disks of
            es-dead-letters=file:///var/dead          | property es-dead-letters is file:///var/dead
            rejected=file:///var/rejected             | property rejected is file:///var/rejected; a folder on the disks of
            aws-profile=p                             | property aws-profile is not supported
            aws-web-identity-token-file=/token        | property aws-web-identity-token-file is not supported
            help=true                                 | property help is not supported
            speed=3                                   | property 'speed' is not an option of the job
            --window=1h                               | property '--window' is not an option of the job
            noeventtime=yes                           | property noeventtime is 'yes'; it must be true or false
            window=soon                               | property group FlinkApplicationProperties: --window is 'soon'; it must be a duration
            """)
    void unsupportedOptionFailsWithOneLine(String property, String message) throws IOException {
        properties(("region=r;stream=s;" + property).split(";"));

        UsageException error = catchThrowableOfType(UsageException.class, ManagedService::options);

        assertThat(error).hasMessageStartingWith(message);
        assertThat(error.getMessage().lines()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                                                    | the application has no property group FlinkApplicationProperties (its groups: none); create it
            [{"PropertyGroupId":"Other","PropertyMap":{"a":"b"}}] | the application has no property group FlinkApplicationProperties (its groups: Other); create it
            [{"PropertyGroupId":"FlinkApplicationProperties"}]    | runtime properties in
            {                                                     | runtime properties in
            [1]                                                   | runtime properties in
            """)
    void unknownPropertyFailsWithOneLine(String json, String message) throws IOException {
        Files.writeString(file, json);

        UsageException error = catchThrowableOfType(UsageException.class, ManagedService::options);

        assertThat(error).hasMessageStartingWith(message);
        assertThat(error.getMessage().lines()).hasSize(1);
    }

    @Test
    void invalidPropertyThrowsInsteadOfExiting() throws IOException {
        properties("stream=s");
        Thread thread = Thread.currentThread();
        String name = thread.getName();

        thread.setName("main"); // the thread on which a command line would exit the process
        try {
            assertThatThrownBy(() -> TaxiStreamProcessor.main(new String[0]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(
                            "property group FlinkApplicationProperties: Missing required option: '--region=REGION'");
        } finally {
            thread.setName(name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"es-index=other", "es-endpoint=https://search", "rejected=s3a://bucket/rejected"})
    void setsNoConfigurationTheServiceRejects(String property) throws Exception {
        properties(("region=r;stream=s;" + property).split(";"));

        assertThat(TaxiStreamProcessor.configuration(ManagedService.options(), Platform.MANAGED_SERVICE)
                        .keySet())
                .containsExactlyInAnyOrder(
                        "pipeline.max-parallelism", "pipeline.object-reuse", "pipeline.generic-types");
    }

    private void properties(String... keysAndValues) throws IOException {
        Map<String, String> map = new LinkedHashMap<>();
        Arrays.stream(keysAndValues)
                .map(property -> property.split("=", 2))
                .forEach(property -> map.put(property[0], property[1]));
        Files.writeString(
                file,
                "[{\"PropertyGroupId\":\"FlinkApplicationProperties\",\"PropertyMap\":{"
                        + map.entrySet().stream()
                                .map(entry -> "\"" + entry.getKey() + "\":\"" + entry.getValue() + "\"")
                                .collect(Collectors.joining(","))
                        + "}}]");
    }
}
