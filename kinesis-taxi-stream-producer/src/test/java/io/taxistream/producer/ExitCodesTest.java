package io.taxistream.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that exit code 0 means that the stream holds all input, and that any other code is explained in one line. */
class ExitCodesTest {

    private static final String HEADER =
            "tpep_pickup_datetime,tpep_dropoff_datetime,PULocationID,DOLocationID,total_amount\n";
    private static final String TRIP = "2017-03-01 00:00:00,2017-03-01 00:10:00,161,132,52.5\n";
    private static final String UNREADABLE = "2017-03-01 00:00:00,soon,161,132,52.5\n";
    private static final String NOWHERE = "2017-03-01 00:00:00,2017-03-01 00:10:00,161,264,52.5\n";
    private static final String EARLY = "2017-02-28 00:00:00,2017-02-28 00:10:00,161,132,52.5\n";

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", HEADER, HEADER + "\r\n\n"})
    void inputWithoutTripsFails(String content) throws IOException {
        assertThat(run(write("trips.csv", content))).isEqualTo(1);

        assertThat(lastLine())
                .startsWith("no trip in the input: -data ")
                .endsWith("trips.csv is empty, or contains only a header");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-to 2017-01-01T00:00:00Z",
                "-from 9999-12-31T00:00:00Z",
                "-seek 2017-04-01T00:00:00Z",
                "-from 0000-01-01T00:00:00Z -to 0000-01-01T00:00:01Z"
            })
    void timeRangeWithoutTripsFails(String range) throws IOException {
        assertThat(run(write("trips.csv", HEADER + TRIP + TRIP), range.split(" ", -1)))
                .isEqualTo(1);

        assertThat(lastLine())
                .startsWith("no trip was sent; records in -data ")
                .endsWith(": 2 outside the time range (-from, -to, -seek)");
    }

    @Test
    void fileWithOnlyUnknownZonesFails() throws IOException {
        assertThat(run(write("trips.csv", HEADER + NOWHERE + NOWHERE + UNREADABLE)))
                .isEqualTo(1);

        assertThat(lastLine())
                .endsWith("trips.csv: 1 unreadable (-rejects FILE writes them all), 2 without a location (taxi zones"
                        + " 264 and 265)");
    }

    @ParameterizedTest
    @CsvSource({"1, 0, true", "199, 1, true", "198, 1, false", "1, 1, false"})
    void toleratesOneUnreadableRecordInTwoHundred(int trips, int unreadable, boolean succeeds) throws IOException {
        int status = run(write("trips.csv", HEADER + TRIP.repeat(trips) + UNREADABLE.repeat(unreadable)));

        assertThat(status).isEqualTo(succeeds ? 0 : 1);
        assertThat(out.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains("\"trip\"")))
                .as("trips that can be read are sent in any case")
                .hasSize(trips);
        if (!succeeds) {
            assertThat(lastLine())
                    .startsWith("1 of " + (trips + 1) + " records (")
                    .contains("more than -maxRejects 0.5 allows");
        }
    }

    @ParameterizedTest
    @CsvSource({"25, 0", "24.9, 1", "0, 1", "100, 0"})
    void maxRejectsOptionSetsTheShare(String percent, int status) throws IOException {
        Path trips = write("trips.csv", HEADER + TRIP.repeat(3) + UNREADABLE);

        assertThat(run(trips, "-maxRejects", percent)).isEqualTo(status);
    }

    @Test
    void unknownZonesDoNotCountAsRejects() throws IOException {
        assertThat(run(write("trips.csv", HEADER + TRIP + NOWHERE.repeat(9)), "-maxRejects", "0"))
                .isZero();

        assertThat(lastLine()).startsWith("summary read=10 sent=1 rejected=0 ").contains(" nowhere=9 ");
    }

    @Test
    void recordsOutsideTheTimeRangeDoNotCountAsRejects() throws IOException {
        assertThat(run(
                        write("trips.csv", HEADER + TRIP + EARLY.repeat(9)),
                        "-maxRejects",
                        "0",
                        "-from",
                        "2017-03-01T00:00:00Z"))
                .isZero();
    }

    @Test
    void lateTripsCountTowardsMaxRejects() throws IOException {
        StringBuilder trips = new StringBuilder(HEADER);
        for (int i = 0; i < 65_536; i++) {
            trips.append(TRIP);
        }
        trips.append(EARLY.repeat(400));

        assertThat(run(write("trips.csv", trips.toString()))).isEqualTo(1);

        assertThat(lastLine()).contains("were unreadable or too late").endsWith("use -sort to send late ones too");
        assertThat(run(folder.resolve("trips.csv"), "-sort")).isZero();
    }

    @Test
    void rejectsFileMustNotBeTheInput() throws IOException {
        Path trips = write("trips.csv", HEADER + TRIP);
        Path hard = Files.createLink(folder.resolve("hard.tsv"), trips);
        Path soft = Files.createSymbolicLink(folder.resolve("soft.tsv"), trips);
        Path indirectPath = folder.resolve("sub").resolve("..").resolve("trips.csv");
        Files.createDirectory(folder.resolve("sub"));

        for (Path rejects : List.of(trips, hard, soft, indirectPath)) {
            assertThat(run(trips, "-rejects", rejects.toString(), "-overwrite")).isEqualTo(2);
            assertThat(lastLine()).contains("-rejects is ", "which is part of the input");
        }
        assertThat(Files.readString(trips)).isEqualTo(HEADER + TRIP);
    }

    @Test
    void inputFolderWithALoopOfLinksIsAnErrorOfOneLine() throws IOException {
        Path data = Files.createDirectory(folder.resolve("loop"));
        Files.createSymbolicLink(data.resolve("itself"), data);
        Path rejects = write("rejects.tsv", "");

        assertThat(run(data, "-rejects", rejects.toString(), "-overwrite")).isEqualTo(2);
        assertThat(lastLine()).contains("-rejects is " + rejects, "which cannot be checked", "itself");
    }

    @Test
    void rejectsFileMustNotBeInTheInputFolder() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Path trips = Files.writeString(data.resolve("trips.csv"), HEADER + TRIP);
        Path hard = Files.createLink(folder.resolve("hard.tsv"), trips);
        Path link = Files.createSymbolicLink(folder.resolve("link"), data);

        for (Path rejects : List.of(
                trips, hard, data.resolve("rejects.tsv"), link.resolve("rejects.tsv"), link.resolve("trips.csv"))) {
            assertThat(run(data, "-rejects", rejects.toString(), "-overwrite")).isEqualTo(2);
            assertThat(lastLine()).contains("-rejects is ", "which is part of the input");
        }
        assertThat(data).isDirectoryContaining(trips::equals).isDirectoryNotContaining("glob:**rejects.tsv");
        assertThat(Files.readString(trips)).isEqualTo(HEADER + TRIP);
    }

    @Test
    void existingRejectsFileIsReplacedOnlyOnRequest() throws IOException {
        Path trips = write("trips.csv", HEADER + TRIP);
        Path notes = write("notes.txt", "kept");

        assertThat(run(trips, "-rejects", notes.toString())).isEqualTo(2);
        assertThat(lastLine()).contains("which already exists").contains("-overwrite");
        assertThat(notes).hasContent("kept");

        assertThat(run(trips, "-rejects", notes.toString(), "-overwrite")).isZero();
        assertThat(notes).isEmptyFile();
    }

    @Test
    void rejectsFileMustNotBeADanglingLink() throws IOException {
        Path trips = write("trips.csv", HEADER + TRIP);
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nothing"));

        assertThat(run(trips, "-rejects", link.toString())).isEqualTo(2);
        assertThat(folder.resolve("nothing")).doesNotExist();
    }

    @Test
    void fullDiskForRejectsFails() throws IOException {
        assumeThat(Path.of("/dev/full")).exists();

        assertThat(run(write("trips.csv", HEADER + TRIP.repeat(400) + UNREADABLE), "-rejects", "/dev/full"))
                .isEqualTo(1);

        assertThat(lastLine()).startsWith("-rejects /dev/full cannot be written: No space left on device; ");
    }

    private int run(Path data, String... more) {
        err.reset();
        out.reset();
        List<String> args = new ArrayList<>(List.of("-data", data.toString(), "-speedup", "0", "-print"));
        args.addAll(Arrays.asList(more));
        var errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        return TaxiStreamProducer.run(args.toArray(String[]::new), out, errors, false, new Termination(errors));
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private String lastLine() {
        List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
        return lines.get(lines.size() - 1);
    }
}
