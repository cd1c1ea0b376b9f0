package io.taxistream.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class OptionParserTest {

    private enum Size {
        SMALL,
        MEDIUM,
        LARGE
    }

    @Command(name = "./program")
    private static final class Program {

        @Option(names = "--size", paramLabel = "SIZE", defaultValue = "medium", description = "Size of the box.")
        private Size size;

        @Option(names = "--count", paramLabel = "N", defaultValue = "8", description = "Number of boxes.")
        @Accepts(from = "1", to = "256")
        private int count;

        @Option(names = "--seed", paramLabel = "N", description = "Seed of the colours.")
        private Long seed;

        @Option(
                names = "--share",
                paramLabel = "PERCENT",
                defaultValue = "0.5",
                description = "Share of red ones, in %%.")
        @Accepts(value = "a percentage", from = "0", to = "100")
        private double share;

        @Option(names = "--wait", paramLabel = "DURATION", description = "Time between two boxes.")
        @Accepts(from = "1s", to = "24h")
        private Duration wait = Duration.ofMinutes(90);

        @Option(names = "--at", paramLabel = "TIME", description = "Time of the first box.")
        @Accepts(from = "1970-01-01T00:00:00Z", to = "9999-12-31T23:59:59Z")
        @ComputedDefault("now")
        private Instant at;

        @Option(names = "--to", paramLabel = "URL", description = "Address of the recipient.")
        private URI to;

        @Option(names = "--file", paramLabel = "FILE|FOLDER", description = "Input.")
        private Path file;

        @Option(names = "--name", paramLabel = "NAME", split = ",", description = "Names, separated by commas.")
        @Accepts(value = "letters", pattern = "[a-z]+")
        private List<String> names;

        @Option(names = "--part", paramLabel = "I/N", required = true, description = "Part of the boxes.")
        @Accepts("I/N, such as 2/4")
        private Part part;

        @Option(names = "--quiet", description = "Print nothing.")
        private boolean quiet;
    }

    private record Part(int index, int count) {

        static Part parse(String value) {
            String[] numbers = value.split("/", 2);
            return new Part(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
        }
    }

    private static final class UndeclaredType {

        @SuppressWarnings("unused")
        @Option(names = "--name", description = "Some name.")
        private String name;
    }

    private final Program program = new Program();
    private final OptionParser parser = new OptionParser(program).with(Part.class, Part::parse);

    @Test
    void invalidValueCannotControlTheTerminal() {
        assertThatThrownBy(() -> new OptionParser(new Program()).parse("--count", "1\u001b[2J\n2"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--count is '1\\u001b[2J\\u000a2'; it must be ");
    }

    @Test
    void convertsValuesByTheTypeOfTheOption() {
        parse(
                "--part 1/2 --size LARGE --count 1e2 --seed -7 --share 12.5 --wait 500000ms --at 2016-01-01T00:00:00-05:00"
                        + " --to https://localhost:4567 --file a/b --name x,y --quiet");

        assertThat(program.part).isEqualTo(new Part(1, 2));
        assertThat(program.size).isEqualTo(Size.LARGE);
        assertThat(program.count).isEqualTo(100);
        assertThat(program.seed).isEqualTo(-7);
        assertThat(program.share).isEqualTo(12.5);
        assertThat(program.wait).isEqualTo(Duration.ofSeconds(500));
        assertThat(program.at).isEqualTo("2016-01-01T05:00:00Z");
        assertThat(program.to).isEqualTo(URI.create("https://localhost:4567"));
        assertThat(program.file).isEqualTo(Path.of("a", "b"));
        assertThat(program.names).containsExactly("x", "y");
        assertThat(program.quiet).isTrue();
    }

    @Test
    void omittedOptionHasItsDefault() {
        parse("--part 1/2");

        assertThat(program.size).isEqualTo(Size.MEDIUM);
        assertThat(program.count).isEqualTo(8);
        assertThat(program.wait).isEqualTo(Duration.ofMinutes(90));
        assertThat(program.at).isNull();
        assertThat(program.names).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --size huge            | --size is 'huge'; it must be small, medium or large
            --count 0              | --count is '0'; it must be a whole number from 1 to 256
            --count 257            | --count is '257'; it must be a whole number from 1 to 256
            --count 1.5            | --count is '1.5'; it must be a whole number from 1 to 256
            --count 1e999999999    | --count is '1e999999999'; it must be a whole number from 1 to 256
            --count many           | --count is 'many'; it must be a whole number from 1 to 256
            --seed 1.5             | --seed is '1.5'; it must be a whole number
            --share NaN            | --share is 'NaN'; it must be a percentage from 0 to 100
            --share 100.1          | --share is '100.1'; it must be a percentage from 0 to 100
            --share 0x1p3          | --share is '0x1p3'; it must be a percentage from 0 to 100
            --wait 999ms           | --wait is '999ms'; it must be a duration such as 500ms, 30s, 10m or 6h from 1s to 24h
            --wait 10              | --wait is '10'; it must be a duration such as 500ms, 30s, 10m or 6h from 1s to 24h
            --wait 99999999999999999999h | --wait is '99999999999999999999h'; it must be a duration such as 500ms, 30s, 10m or 6h from 1s to 24h
            --at noon              | --at is 'noon'; it must be a time such as 2016-01-01T05:00:00Z from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z
            --at 1969-12-31T00:00:00Z | --at is '1969-12-31T00:00:00Z'; it must be a time such as 2016-01-01T05:00:00Z from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z
            --to host:80           | --to is 'host:80'; it must be a URL without credentials, such as https://localhost:4567
            --to ftp://host        | --to is 'ftp://host'; it must be a URL without credentials, such as https://localhost:4567
            --to https://host:0    | --to is 'https://host:0'; it must be a URL without credentials, such as https://localhost:4567
            --to https://host:65536 | --to is 'https://host:65536'; it must be a URL without credentials, such as https://localhost:4567
            --to https://host?q    | --to is 'https://host?q'; it must be a URL without credentials, such as https://localhost:4567
            --name x,Y             | --name is 'Y'; it must be letters
            --part 2               | --part is '2'; it must be I/N, such as 2/4
            --colour red           | Unknown options: '--colour', 'red'; --help lists the options
            --count                | Missing required parameter for option '--count' (N); --help lists the options
            """)
    void aRefusedCommandLineIsOneLineWithOptionValueAndWhatIsAccepted(String commandLine, String message) {
        assertThatThrownBy(() -> parse("--part 1/2 " + commandLine))
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://me:secret@host", "https://me:secret@host:x", "https://me:se cret@host"})
    void errorDoesNotRepeatCredentials(String url) {
        assertThatThrownBy(() -> parser.parse("--part", "1/2", "--to", url))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--to is 'https://***@host")
                .hasMessageNotContaining("cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--size", "--count", "--seed", "--share", "--wait", "--at", "--to", "--file", "--name"})
    void rejectsAnEmptyValue(String option) {
        assertThatThrownBy(() -> parser.parse("--part", "1/2", option, ""))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(option + " is ''; it must be ");
    }

    /** In the C locale, Java would look for the file in a folder whose name has question marks. */
    @Test
    void rejectsARelativePathIfTheLocaleCannotNameTheCurrentFolder() {
        String current = System.setProperty("user.dir", "/data/caf\ufffd\ufffd");
        try {
            assertThatThrownBy(() -> parse("--part 1/2 --file trips.csv"))
                    .isInstanceOf(UsageException.class)
                    .hasMessage(
                            "--file is 'trips.csv'; it must be the path of a file or folder; a name that is not ASCII,"
                                    + " also of the current folder, requires a UTF-8 locale, such as LC_ALL=C.UTF-8");
            parse("--part 1/2 --file /data/trips.csv");
        } finally {
            System.setProperty("user.dir", current);
        }

        assertThat(program.file).isEqualTo(Path.of("/data/trips.csv"));
    }

    @Test
    void errorTruncatesALongValue() {
        assertThatThrownBy(() -> parse("--part 1/2 --name " + "7".repeat(1_000)))
                .hasMessage("--name is '" + "7".repeat(200) + "…'; it must be letters");
    }

    @Test
    void helpWorksWithoutRequiredOptions() {
        assertThat(parser.parse("--help")).isFalse();
    }

    @Test
    void helpShowsRangesAndDefaults() {
        assertThat(parser.help().lines().map(String::strip))
                .contains("--size=SIZE          Size of the box.", "Default: medium.")
                .contains("Range: 1 to 256. Default: 8.", "Range: 1s to 24h. Default: 90m.")
                .contains("Range: 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z. Default: now.")
                .contains("--share=PERCENT      Share of red ones, in %.");
    }

    @Test
    void tableHasARowForEachOption() {
        assertThat(OptionTable.table(parser)).isEqualTo("""
                | option | meaning | default |
                |---|---|---|
                | `--size SIZE` | Size of the box. | medium |
                | `--count N` | Number of boxes. Range: 1 to 256. | 8 |
                | `--seed N` | Seed of the colours. |  |
                | `--share PERCENT` | Share of red ones, in %. Range: 0 to 100. | 0.5 |
                | `--wait DURATION` | Time between two boxes. Range: 1s to 24h. | 90m |
                | `--at TIME` | Time of the first box. Range: 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z. | now |
                | `--to URL` | Address of the recipient. |  |
                | `--file FILE\\|FOLDER` | Input. |  |
                | `--name NAME` | Names, separated by commas. |  |
                | `--part I/N` | Part of the boxes. | required |
                | `--quiet` | Print nothing. |  |
                | `--help` | Print this help. |  |
                """);
    }

    @Test
    void outdatedPageFailsWithTheCommandThatRewritesIt(@TempDir Path folder) throws Exception {
        String before = "# Program\n\n<!-- options -->\n";
        String after = "<!-- end of options -->\n\nMore.\n";
        Path page = folder.resolve("program.md");
        Files.writeString(page, before + OptionTable.table(parser) + after);

        assertThatCode(() -> OptionTable.check(parser, "program", page)).doesNotThrowAnyException();

        Files.writeString(page, before + OptionTable.table(parser).replace("| 8 |", "| 9 |") + after);
        assertThatThrownBy(() -> OptionTable.check(parser, "program", page))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(
                        "program.md differs from the declared options; to rewrite it run ./mvnw test -pl program");

        Files.writeString(page, "# Program\n");
        assertThatThrownBy(() -> OptionTable.check(parser, "program", page))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("<!-- options -->");
    }

    @Test
    void optionOfAnOpaqueTypeMustDeclareAcceptedValues() {
        assertThatThrownBy(() -> new OptionParser(new UndeclaredType()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("--name must declare with @Accepts which values it accepts");
    }

    private void parse(String commandLine) {
        assertThat(parser.parse(commandLine.split(" "))).isTrue();
    }
}
