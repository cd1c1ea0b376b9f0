package io.taxistream.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.commandline.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocalOptionsTest {

    @TempDir
    private Path folder;

    @Test
    void defaultsToAGeneratedDayAtTheWalkthroughSpeed() {
        LocalOptions options = LocalOptions.parse().orElseThrow();

        assertThat(options.data()).isEmpty();
        assertThat(options.speedup()).isEqualTo(1440);
        assertThat(options.producers()).isEmpty();
        assertThat(options.shards()).isEqualTo(8);
        assertThat(options.parallelism()).isEqualTo(LocalOptions.defaultParallelism());
        assertThat(options.once()).isFalse();
        assertThat(options.export()).isEmpty();
        assertThat(options.maxRejects()).isEqualTo(0.5);
        assertThat(options.port()).isEqualTo(8080);
        assertThat(options.browser()).isTrue();
        assertThat(options.chaos()).isEmpty();
    }

    @Test
    void readsEveryOption() {
        Path export = folder.resolve("out");

        LocalOptions options = LocalOptions.parse(
                        "--data",
                        folder.toString(),
                        "--speedup",
                        "0.5",
                        "--producers",
                        "4",
                        "--shards",
                        "16",
                        "--parallelism",
                        "3",
                        "--once",
                        "--export",
                        export.toString(),
                        "--max-rejects",
                        "2.5",
                        "--port",
                        "0",
                        "--no-browser",
                        "--chaos",
                        "-7")
                .orElseThrow();

        assertThat(options.data()).contains(folder);
        assertThat(options.speedup()).isEqualTo(0.5);
        assertThat(options.producers()).hasValue(4);
        assertThat(options.shards()).isEqualTo(16);
        assertThat(options.parallelism()).isEqualTo(3);
        assertThat(options.once()).isTrue();
        assertThat(options.export()).contains(export);
        assertThat(options.maxRejects()).isEqualTo(2.5);
        assertThat(options.port()).isZero();
        assertThat(options.browser()).isFalse();
        assertThat(options.chaos()).hasValue(-7);
    }

    @Test
    void helpNamesEveryOption() {
        assertThat(LocalOptions.parse("--help")).isEmpty();
        assertThat(LocalOptions.parser().help())
                .contains("./run-local.sh", "--data", "--speedup", "--producers", "--shards", "--parallelism", "--once")
                .contains("--export", "--max-rejects", "--port", "--no-browser", "--chaos");
    }

    @ParameterizedTest
    @CsvSource({
        "--speedup, -1",
        "--speedup, NaN",
        "--speedup, 1000000001",
        "--max-rejects, -0.1",
        "--max-rejects, 100.1",
        "--max-rejects, NaN",
        "--max-rejects, half",
        "--speedup, Infinity",
        "--speedup, fast",
        "--shards, 0",
        "--shards, 257",
        "--shards, 1.5",
        "--parallelism, 0",
        "--parallelism, 65",
        "--port, -1",
        "--port, 65536",
        "--data, no/such/file",
        "--chaos, monkey",
        "--chips, 3",
    })
    void invalidOptionIsNamedInOneLine(String option, String value) {
        assertThatThrownBy(() -> LocalOptions.parse(option, value))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(option)
                .extracting(Throwable::getMessage)
                .asString()
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "--speedup, fast, --speedup is 'fast'; it must be a number from 0 to 1000000000",
                "--speedup, 1e10, --speedup is '1e10'; it must be a number from 0 to 1000000000",
                "--shards, 1.5, --shards is '1.5'; it must be a whole number from 1 to 256",
                "--chips, 3, --help"
            })
    void invalidOptionIsExplained(String option, String value, String words) {
        assertThatThrownBy(() -> LocalOptions.parse(option, value)).hasMessageContaining(words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--data",
                "--speedup",
                "--shards",
                "--parallelism",
                "--export",
                "--max-rejects",
                "--port",
                "--chaos"
            })
    void missingValueIsNamed(String option) {
        assertThatThrownBy(() -> LocalOptions.parse("--once", option))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(option);
    }

    @Test
    void exportRequiresOnce() {
        assertThatThrownBy(() -> LocalOptions.parse("--export", folder.toString()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--once");
    }

    @Test
    void nameThatTheLocalS3CannotListIsRefused() throws Exception {
        Files.createFile(folder.resolve("a.csv"));
        Files.createFile(folder.resolve(".hidden\u0001"));
        assertThat(LocalOptions.parse("--data", folder.toString())).isPresent();

        Path file =
                Files.createFile(Files.createDirectory(folder.resolve("sub")).resolve("b\u001b[2J\n.csv"));

        for (Path data : List.of(folder, file)) {
            assertThatThrownBy(() -> LocalOptions.parse("--data", data.toString()))
                    .isInstanceOf(UsageException.class)
                    .hasMessageStartingWith("--data contains the file '")
                    .hasMessageEndingWith("b\\u001b[2J\\u000a.csv', whose name has a control character; rename it");
        }
    }

    @Test
    void exportRequiresAFolder() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> LocalOptions.parse("--once", "--export", file.toString()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--export");
    }
}
