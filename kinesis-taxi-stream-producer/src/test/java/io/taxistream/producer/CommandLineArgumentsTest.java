package io.taxistream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.taxistream.commandline.UsageException;
import io.taxistream.eventtime.Part;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.replay.AdaptTime;
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
    void publishedCommandReadsThePublishedDataSet() {
        ProducerOptions options = parse("-speedup 1440 -stream taxi-trips -region eu-west-1");

        assertThat(options.stream()).isEqualTo("taxi-trips");
        assertThat(options.region()).isEqualTo("eu-west-1");
        assertThat(options.speedup()).isEqualTo(1440);
        assertThat(options.bucket()).isEqualTo("aws-bigdata-blog");
        assertThat(options.prefix()).isEqualTo("artifacts/flink-refarch/data/");
    }

    @Test
    void omittedOptionsHaveDefaults() {
        ProducerOptions options = parse("-stream s");

        assertThat(options.speedup()).isEqualTo(1440);
        assertThat(options.region()).isNull();
        assertThat(options.data()).isNull();
        assertThat(options.aggregate()).isFalse();
        assertThat(options.watermarks()).isTrue();
        assertThat(options.print()).isFalse();
        assertThat(options.sort()).isFalse();
        assertThat(options.sortMemoryBytes())
                .isEqualTo(Math.min(128 << 20, Runtime.getRuntime().maxMemory() / 4));
        assertThat(options.range()).isEqualTo(TimeRange.ALL);
        assertThat(options.resume()).isFalse();
        assertThat(options.anonymous()).isFalse();
        assertThat(options.requesterPays()).isFalse();
        assertThat(options.adaptTime()).isEqualTo(AdaptTime.ORIGINAL);
        assertThat(options.timezone()).isEqualTo(ZoneId.of("America/New_York"));
        assertThat(options.statisticsFrequency()).isEqualTo(Duration.ofSeconds(5));
        assertThat(options.maxGap()).isEqualTo(Duration.ofHours(1));
        assertThat(options.maxRejects()).isEqualTo(0.5);
        assertThat(options.overwriteRejects()).isFalse();
        assertThat(options.giveUpAfter()).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void everyOptionCanBeGiven() {
        ProducerOptions options = parse("-stream s -bucket b -prefix p/ -speedup 0 -aggregate -sort"
                + " -sortMemory 16 -adaptTime ORIGINAL -timezone UTC -statisticsFrequency 100 -maxGap 5"
                + " -giveUpAfter 7"
                + " -resume -requesterPays -rejects r.tsv -overwrite -maxRejects 2.5 -endpoint"
                + " https://localhost:4567 -s3Endpoint http://localhost:9000");

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
        assertThat(options.overwriteRejects()).isTrue();
        assertThat(options.maxRejects()).isEqualTo(2.5);
        assertThat(options.endpoint()).isEqualTo(URI.create("https://localhost:4567"));
        assertThat(options.s3Endpoint()).isEqualTo(URI.create("http://localhost:9000"));
    }

    @Test
    void partOptionSelectsOneOfSeveralProducers() {
        assertThat(parse("-stream s").part()).isEqualTo(Part.ONLY);
        assertThat(parse("-stream s -part 2/4").part()).isEqualTo(new Part(2, 4));
        assertThat(parse("-stream s -part 2/4").end()).isFalse();
        assertThat(parse("-stream s -part 2/4 -end").end()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0/4", "5/4", "1/65", "2", "2/4/1", "x"})
    void rejectsAPartBeyondTheCount(String part) {
        assertThatThrownBy(() -> parse("-stream s -part " + part))
                .isInstanceOf(UsageException.class)
                .hasMessage("-part is '" + part + "'; it must be I/N with 1 <= I <= N <= 64, such as 2/4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-noWatermark", "-print", "-resume"})
    void endPartSendsOnlyAFinalWatermark(String other) {
        assertThatThrownBy(() -> parse("-stream s -part 2/4 -end " + other))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("-end cannot be combined with");
    }

    @Test
    void acceptsAdaptTimeAndNoWatermarkWithoutResume() {
        ProducerOptions options = parse("-stream s -noWatermark -anonymous -adaptTime INVOCATION");

        assertThat(options.watermarks()).isFalse();
        assertThat(options.anonymous()).isTrue();
        assertThat(options.adaptTime()).isEqualTo(AdaptTime.INVOCATION);
    }

    @Test
    void customBucketIsReadFromTheBeginning() {
        assertThat(parse("-stream s -bucket b").prefix()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2015-12-01T08:00:00Z, 2015-12-01T08:00:00Z",
        "2015-12-01T08:00:00.5+01:00, 2015-12-01T07:00:00.500Z",
        "2015-12-01T08:00:00, 2015-12-01T13:00:00Z",
        "2015-12-01T08:00, 2015-12-01T13:00:00Z"
    })
    void seekAcceptsATimeWithOrWithoutAZone(String text, Instant time) {
        assertThat(parse("-stream s -seek " + text).range().fromMillis()).isEqualTo(time.toEpochMilli());
    }

    @Test
    void timeRangeStartsAtTheLaterOfFromAndSeek() {
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
            -stream s -speedup fast                | -speedup is 'fast'; it must be a number from 0
            -stream s -speedup -1                  | -speedup is '-1'
            -stream s -speedup NaN                 | -speedup is 'NaN'
            -stream s -speedup Infinity            | -speedup is 'Infinity'
            -stream s -seek noon                   | -seek is 'noon'
            -stream s -from noon                   | -from is 'noon'
            -stream s -to noon                     | -to is 'noon'
            -stream s -from 2015-12-02T00:00 -to 2015-12-02T00:00 | -to is '2015-12-02T00:00'; it must be later
            -resume -print                         | -resume cannot be combined with -print
            -stream s -resume -noWatermark         | -resume cannot be combined with -noWatermark
            -stream s -resume -adaptTime ingestion | -resume cannot be combined with -adaptTime
            -stream s -data f -anonymous           | -data cannot be combined with -anonymous or -requesterPays
            -stream s -anonymous -requesterPays    | -anonymous cannot be combined with -requesterPays
            -stream s -adaptTime later             | -adaptTime is 'later'
            -stream s -timezone Mars/Olympus       | -timezone is 'Mars/Olympus'
            -stream s -statisticsFrequency -1      | -statisticsFrequency is '-1'
            -stream s -maxGap 0                    | -maxGap is '0'
            -stream s -giveUpAfter 0               | -giveUpAfter is '0'
            -stream s -sort -sortMemory 0          | -sortMemory is '0'
            -stream s -endpoint http://localhost:1 | -endpoint is 'http://localhost:1'; it must be an https URL
            -stream s -endpoint localhost          | -endpoint is 'localhost'
            -stream s -s3Endpoint ftp://x          | -s3Endpoint is 'ftp://x'
            -stream s -data f -bucket b            | -data cannot be combined with -bucket
            -stream s -stream t                    | '-stream'
            -stream s -speedup 1e308               | -speedup is '1e308'; it must be a number from 0 to 1000000000
            -stream s -speedup 0x10                | -speedup is '0x10'
            -stream s -seek -999999999-01-01T00:00:00Z | -seek is '-999999999-01-01T00:00:00Z'; it must be an ISO-8601 date and time in the years
            -stream s -from -0001-12-31T23:59:59Z  | -from is '-0001-12-31T23:59:59Z'
            -stream s -to +10000-01-01T00:00:00Z   | -to is '+10000-01-01T00:00:00Z'
            -stream s -from 9999-12-31             | -from is '9999-12-31'; it must be an ISO-8601 date and time
            -stream s -timezone +25:00             | -timezone is '+25:00'
            -stream s -maxGap 1000000001           | -maxGap is '1000000001'; it must be a whole number of minutes from 1 to 1000000000
            -stream s -maxGap 99999999999999999999 | -maxGap is '99999999999999999999'
            -stream s -maxGap 1.5                  | -maxGap is '1.5'
            -stream s -maxGap 1e999999999          | -maxGap is '1e999999999'
            -stream s -statisticsFrequency 86400001 | -statisticsFrequency is '86400001'; it must be a whole number of milliseconds
            -stream s -statisticsFrequency soon    | -statisticsFrequency is 'soon'
            -stream s -giveUpAfter 1000000001      | -giveUpAfter is '1000000001'; it must be a whole number of seconds
            -stream s -sortMemory much             | -sortMemory is 'much'
            -stream s -sortMemory 99999999         | -sortMemory is '99999999'; with a heap of
            -stream s -sortMemory 99999999999999999999 | -sortMemory is '99999999999999999999'
            -stream s -maxRejects -0.1             | -maxRejects is '-0.1'; it must be a percentage from 0 to 100
            -stream s -maxRejects 100.1            | -maxRejects is '100.1'
            -stream s -maxRejects NaN              | -maxRejects is 'NaN'
            -stream s -maxRejects 5%               | -maxRejects is '5%'
            -stream s -overwrite                   | -overwrite requires -rejects FILE
            -stream s -rejects nowhere/r.tsv       | -rejects is nowhere/r.tsv, but there is no folder
            -stream s -rejects /                   | -rejects is /, which is a folder
            -stream s -region us/east              | -region is 'us/east'; it must be a region such as us-east-1
            -stream s -bucket s3://b               | -bucket is 's3://b'; it must be the name of a bucket, without s3://
            -stream s -endpoint https://h:65536    | -endpoint is 'https://h:65536'; it must be an https URL of a host
            -stream s -endpoint https://h:0        | -endpoint is 'https://h:0'
            -stream s -endpoint https://h/p        | -endpoint is 'https://h/p'
            -stream s -endpoint https://h?q        | -endpoint is 'https://h?q'
            -stream s -endpoint https://[          | -endpoint is 'https://['
            -stream s -s3Endpoint https://h#f      | -s3Endpoint is 'https://h#f'
            -stream s -s3Endpoint https://me:pw@h  | -s3Endpoint is 'https://***@h'; it must be a URL of a host
            """)
    void invalidOptionIsNamedInOneLine(String commandLine, String message) {
        assertThatThrownBy(() -> parse(commandLine))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message)
                .message()
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-stream",
                "-region",
                "-bucket",
                "-data",
                "-rejects",
                "-timezone",
                "-from",
                "-to",
                "-seek",
                "-speedup",
                "-maxGap",
                "-maxRejects",
                "-sortMemory",
                "-statisticsFrequency",
                "-giveUpAfter",
                "-adaptTime",
                "-endpoint",
                "-s3Endpoint"
            })
    void emptyValueIsNamed(String option) {
        assertThatThrownBy(() -> CommandLineArguments.parse("-print", option, ""))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(option)
                .message()
                .hasLineCount(1);
    }

    @Test
    void prefixIsAtMostAsLongAsAKey() {
        assertThatThrownBy(() -> parse("-stream s -prefix " + "p".repeat(1_025)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("-prefix is 'p")
                .hasMessageContaining("at most 1024 characters");
    }

    @Test
    void acceptsTheMaximumSortMemory() {
        String[] words = messageOf("-stream s -sortMemory 99999999")
                .split("from 1 to ", -1)[1]
                .split(" ", -1);
        long greatest = Long.parseLong(words[0]);

        assertThat(parse("-stream s -sortMemory " + greatest).sortMemoryBytes())
                .isEqualTo(greatest << 20)
                .isLessThanOrEqualTo(Runtime.getRuntime().maxMemory() / 2);
        assertThatThrownBy(() -> parse("-stream s -sortMemory " + (greatest + 1)))
                .isInstanceOf(UsageException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-from 0000-01-01T00:00:00Z", "-to 9999-12-31T23:59:59Z", "-speedup 1e9", "-speedup 0.001",
                "-maxGap 1000000000", "-statisticsFrequency 0", "-statisticsFrequency 86400000",
                        "-giveUpAfter 1000000000",
                "-maxRejects 0", "-maxRejects 100", "-rejects /dev/null", "-s3Endpoint http://localhost:65535/",
                "-bucket arn:aws:s3:us-east-1:123456789012:accesspoint/trips"
            })
    void rangeBoundsAreAccepted(String option) {
        assertThat(parse("-stream s " + option)).isNotNull();
    }

    private static String messageOf(String commandLine) {
        return catchThrowableOfType(UsageException.class, () -> parse(commandLine))
                .getMessage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-help", "-stream s -help"})
    void helpExitsWithZero(String commandLine) {
        assertThat(CommandLineArguments.parse(commandLine.split(" ", -1))).isEmpty();
        assertThat(CommandLineArguments.parser().help())
                .contains("-stream NAME", "-speedup FACTOR", "Default: 1440.", "Exit codes: 0")
                .doesNotContain("${");
    }

    private static ProducerOptions parse(String commandLine) {
        return CommandLineArguments.parse(commandLine.split(" ", -1)).orElseThrow();
    }
}
