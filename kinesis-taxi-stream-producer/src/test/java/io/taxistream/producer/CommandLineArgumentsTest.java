package io.taxistream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.eventtime.Part;
import io.taxistream.producer.replay.AdaptTime;
import io.taxistream.producer.trips.TimeRange;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineArgumentsTest {

    @Test
    void thePublishedCommandReadsThePublishedDataSet() {
        ProducerOptions options = parse("-speedup 1440 -stream taxi-trips -region eu-west-1");

        assertThat(options.stream()).isEqualTo("taxi-trips");
        assertThat(options.region()).isEqualTo("eu-west-1");
        assertThat(options.speedup()).isEqualTo(1440);
        assertThat(options.bucket()).isEqualTo("aws-bigdata-blog");
        assertThat(options.prefix()).isEqualTo("artifacts/flink-refarch/data/");
    }

    @Test
    void whatIsNotGivenHasADefault() {
        ProducerOptions options = parse("-stream s");

        assertThat(options.speedup()).isEqualTo(1440);
        assertThat(options.region()).isNull();
        assertThat(options.data()).isNull();
        assertThat(options.aggregate()).isFalse();
        assertThat(options.watermarks()).isTrue();
        assertThat(options.print()).isFalse();
        assertThat(options.sort()).isFalse();
        assertThat(options.sortMemoryBytes()).isEqualTo(Runtime.getRuntime().maxMemory() / 4);
        assertThat(options.range()).isEqualTo(TimeRange.ALL);
        assertThat(options.resume()).isFalse();
        assertThat(options.anonymous()).isFalse();
        assertThat(options.requesterPays()).isFalse();
        assertThat(options.adaptTime()).isEqualTo(AdaptTime.ORIGINAL);
        assertThat(options.timezone()).isEqualTo(ZoneId.of("America/New_York"));
        assertThat(options.statisticsFrequency()).isEqualTo(Duration.ofSeconds(5));
        assertThat(options.maxGap()).isEqualTo(Duration.ofHours(1));
        assertThat(options.giveUpAfter()).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void everyOptionCanBeGiven() {
        ProducerOptions options = parse(
                "-stream s -bucket b -prefix p/ -speedup 0 -aggregate -sort"
                        + " -sortMemory 16 -adaptTime ORIGINAL -timezone UTC -statisticsFrequency 100 -maxGap 5 -giveUpAfter 7"
                        + " -resume -requesterPays -rejects r.tsv -endpoint https://localhost:4567 -s3Endpoint http://localhost:9000");

        assertThat(options.bucket()).isEqualTo("b");
        assertThat(options.prefix()).isEqualTo("p/");
        assertThat(options.speedup()).isZero();
        assertThat(options.aggregate()).isTrue();
        assertThat(options.resume()).isTrue();
        assertThat(options.requesterPays()).isTrue();
        assertThat(options.sort()).isTrue();
        assertThat(options.sortMemoryBytes()).isEqualTo(16 << 20);
        assertThat(options.timezone()).isEqualTo(ZoneId.of("UTC"));
        assertThat(options.statisticsFrequency()).isEqualTo(Duration.ofMillis(100));
        assertThat(options.maxGap()).isEqualTo(Duration.ofMinutes(5));
        assertThat(options.giveUpAfter()).isEqualTo(Duration.ofSeconds(7));
        assertThat(options.rejects()).isEqualTo(Path.of("r.tsv"));
        assertThat(options.endpoint()).isEqualTo(URI.create("https://localhost:4567"));
        assertThat(options.s3Endpoint()).isEqualTo(URI.create("http://localhost:9000"));
    }

    @Test
    void aProducerIsAllOrOnePartOfAStreamsProducers() {
        assertThat(parse("-stream s").part()).isEqualTo(Part.ONLY);
        assertThat(parse("-stream s -part 2/4").part()).isEqualTo(new Part(2, 4));
        assertThat(parse("-stream s -part 2/4").end()).isFalse();
        assertThat(parse("-stream s -part 2/4 -end").end()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0/4", "5/4", "1/65", "2", "2/4/1", "x"})
    void aPartThatDoesNotExistIsRefused(String part) {
        assertThatThrownBy(() -> parse("-stream s -part " + part))
                .isInstanceOf(UsageException.class)
                .hasMessage("-part is '" + part + "'; it must be I/N with 1 <= I <= N <= 64, such as 2/4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-noWatermark", "-print", "-resume"})
    void anEndIsAWatermarkAndNothingElse(String other) {
        assertThatThrownBy(() -> parse("-stream s -part 2/4 -end " + other))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("-end cannot go with");
    }

    @Test
    void timesMayBeShiftedAndWatermarksLeftOutWhereThereIsNothingToResume() {
        ProducerOptions options = parse("-stream s -noWatermark -anonymous -adaptTime INVOCATION");

        assertThat(options.watermarks()).isFalse();
        assertThat(options.anonymous()).isTrue();
        assertThat(options.adaptTime()).isEqualTo(AdaptTime.INVOCATION);
    }

    @Test
    void aBucketOfOnesOwnIsReadFromItsBeginning() {
        assertThat(parse("-stream s -bucket b").prefix()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2015-12-01T08:00:00Z, 2015-12-01T08:00:00Z",
        "2015-12-01T08:00:00.5+01:00, 2015-12-01T07:00:00.500Z",
        "2015-12-01T08:00:00, 2015-12-01T13:00:00Z",
        "2015-12-01T08:00, 2015-12-01T13:00:00Z"
    })
    void seekTakesATimeWithItsZoneOrInThatOfTheTrips(String text, Instant time) {
        assertThat(parse("-stream s -seek " + text).range().fromMillis()).isEqualTo(time.toEpochMilli());
    }

    @Test
    void theRangeOfTimeReachesFromTheLaterOfFromAndSeekUpToTo() {
        long noon = Instant.parse("2015-12-01T12:00:00Z").toEpochMilli();

        assertThat(parse("-stream s -from 2015-12-01T12:00:00Z -to 2015-12-01T13:00:00Z")
                        .range())
                .isEqualTo(new TimeRange(noon, noon + 3_600_000));
        assertThat(parse("-stream s -from 2015-12-01T12:00:00Z -seek 2015-12-01T11:00:00Z")
                        .range())
                .isEqualTo(new TimeRange(noon, Long.MAX_VALUE));
        assertThat(parse("-stream s -from 2015-12-01T11:00:00Z -seek 2015-12-01T12:00:00Z")
                        .range())
                .isEqualTo(new TimeRange(noon, Long.MAX_VALUE));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            -foo                                   | '-foo'
            -stream                                | '-stream'
            -stream -region x                      | '-stream'
            -region x                              | -stream is missing
            -stream s t                            | 't'
            -stream s/t                            | -stream is 's/t'
            -stream s -speedup fast                | '-speedup': 'fast'
            -stream s -speedup -1                  | -speedup is -1.0
            -stream s -speedup NaN                 | -speedup is NaN
            -stream s -speedup Infinity            | -speedup is Infinity
            -stream s -seek noon                   | -seek is 'noon'
            -stream s -from noon                   | -from is 'noon'
            -stream s -to noon                     | -to is 'noon'
            -stream s -from 2015-12-02T00:00 -to 2015-12-02T00:00 | -to is '2015-12-02T00:00'; it must be later
            -resume -print                         | -resume cannot go with -print
            -stream s -resume -noWatermark         | -resume cannot go with -noWatermark
            -stream s -resume -adaptTime ingestion | -resume cannot go with -adaptTime ingestion
            -stream s -data f -anonymous           | -data cannot go with -anonymous or -requesterPays
            -stream s -anonymous -requesterPays    | -anonymous cannot go with -requesterPays
            -stream s -adaptTime later             | -adaptTime is 'later'
            -stream s -timezone Mars/Olympus       | -timezone is 'Mars/Olympus'
            -stream s -statisticsFrequency -1      | -statisticsFrequency is -1
            -stream s -maxGap 0                    | -maxGap is 0
            -stream s -giveUpAfter 0               | -giveUpAfter is 0
            -stream s -sort -sortMemory 0          | -sortMemory is 0
            -stream s -endpoint http://localhost:1 | -endpoint is http://localhost:1; it must begin with https
            -stream s -endpoint localhost          | -endpoint is 'localhost'
            -stream s -s3Endpoint ftp://x          | -s3Endpoint is 'ftp://x'
            -stream s -data f -bucket b            | -data cannot go with -bucket
            -stream s -stream t                    | '-stream'
            """)
    void aWrongOptionIsNamedInOneLine(String commandLine, String message) {
        assertThatThrownBy(() -> parse(commandLine))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message)
                .message()
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-help", "-stream s -help"})
    void helpIsNoError(String commandLine) {
        assertThat(CommandLineArguments.parse(commandLine.split(" ", -1))).isEmpty();
        assertThat(CommandLineArguments.help())
                .contains("-stream NAME", "-speedup FACTOR", "Default: 1440", "Exit code 0")
                .doesNotContain("${");
    }

    private static ProducerOptions parse(String commandLine) {
        return CommandLineArguments.parse(commandLine.split(" ", -1)).orElseThrow();
    }
}
