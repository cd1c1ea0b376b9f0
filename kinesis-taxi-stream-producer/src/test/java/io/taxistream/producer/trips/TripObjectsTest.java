package io.taxistream.producer.trips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.archives.Archives;
import io.taxistream.producer.archives.Compressions;
import io.taxistream.producer.input.FileStore;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.RecordIds;
import io.taxistream.producer.input.RejectLog;
import io.taxistream.producer.input.RejectReason;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.reading.ObjectEvents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class TripObjectsTest {

    private static final String HEADER = "pickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,"
            + "dropoff_longitude,dropoff_latitude,total_amount\n";

    private static final int TRIPS = 12_000;

    @TempDir
    Path folder;

    private final InputStatistics statistics = new InputStatistics();
    private final ListedRejects rejects = new ListedRejects();
    private final List<String> messages = new ArrayList<>();

    @Test
    void readsFilesInPathOrder() throws IOException {
        write("b/2.csv", csv(20));
        write("a.csv.gz", Compressions.GZIP.pack(csv(10)));
        write("b/1.csv", csv(15));
        write(".hidden", "x".getBytes(StandardCharsets.UTF_8));
        write(".git/config", "x".getBytes(StandardCharsets.UTF_8));
        write("empty.csv", new byte[0]);

        assertThat(read(folder))
                .extracting(trip -> trip.dropoffMillis() / 1_000)
                .containsExactly(10L, 15L, 20L);
        assertThat(statistics.objects()).isEqualTo(3);
        assertThat(statistics.events()).isEqualTo(3);
        assertThat(statistics.bytesRead()).isEqualTo(statistics.totalBytes()).isPositive();
        assertThat(messages).isEmpty();
    }

    @Test
    void tripIdDoesNotDependOnTheFolder() throws IOException {
        Path file = write("a.csv", csv(10));
        List<TripEvent> alone = read(file);

        assertThat(read(folder)).isEqualTo(alone);
    }

    @Test
    void rejectedRecordsAreCountedByReason() throws IOException {
        write(
                "a.csv",
                (new String(csv(10), StandardCharsets.UTF_8) + "x\nsoon,,,,,,\n").getBytes(StandardCharsets.UTF_8));

        read(folder);

        assertThat(statistics.rejected()).isEqualTo(2);
        assertThat(statistics.rejectedByReason())
                .containsEntry(RejectReason.INVALID_TIME, 2L)
                .hasSize(1);
        assertThat(rejects.list).extracting(ListedRejects.Rejected::object).containsOnly("a.csv");
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"PLAIN", "ZIP"})
    void readsADamagedFileUpToTheDamageAndTheNextInFull(Compressions packing) throws IOException {
        byte[] packed = packing.pack(manyTrips());
        write("a", Arrays.copyOf(packed, packed.length / 2));
        write("b.csv", csv(20));

        List<TripEvent> trips = read(folder);

        assertThat(trips.get(trips.size() - 1).dropoffMillis()).isEqualTo(20_000);
        assertThat(trips).hasSizeLessThan(TRIPS);
        if (packing != Compressions.BZIP2 && packing != Compressions.ZSTD && packing != Compressions.XZ) {
            // bzip2 packs blocks of 900,000 bytes, and the decoders of zstd and xz hold back about as much
            assertThat(trips).hasSizeGreaterThan(1_000);
        }
        assertThat(rejects.list).isEmpty();
        assertThat(statistics.objects()).isEqualTo(1);
        assertThat(statistics.damagedObjects()).isEqualTo(1);
        assertThat(messages).singleElement().asString().startsWith("a is damaged or truncated near byte ");
    }

    @Test
    void emptyInputIsAnError() throws IOException {
        assertThatThrownBy(() -> read(folder.resolve("nowhere")))
                .isInstanceOf(InputFailedException.class)
                .hasMessageContaining("does not exist");
        write(".hidden", csv(1));
        assertThatThrownBy(() -> read(folder))
                .isInstanceOf(InputFailedException.class)
                .hasMessageContaining("contains only empty or hidden files, or none");
    }

    @Test
    void detectsAFileWithoutTripsBeforeReadingAny() throws IOException {
        write("a.csv", csv(10));
        write("b.txt", "Dear reader,\n".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> trips(folder))
                .isInstanceOf(InputFailedException.class)
                .hasMessageStartingWith("1 of 2 files does not contain trips, so nothing was sent;")
                .hasMessageContaining("b.txt has an unknown layout: its first line is 'Dear reader,'");

        write("c/d.html", "<!DOCTYPE html><html></html>".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> trips(folder))
                .hasMessageStartingWith("2 of 3 files do not contain trips, so nothing was sent;")
                .hasMessageContaining("b.txt, c/d.html");
    }

    @Test
    void detectsAFileWithoutTripsAnywhereInAnArchive() throws IOException {
        write("a.zip", Archives.zip(Map.of("1.csv", csv(10))));
        write(
                "b.tgz",
                Compressions.GZIP.pack(Archives.tar(
                        Archives.files("1.csv", csv(20), "2.csv", "Dear reader".getBytes(StandardCharsets.UTF_8)))));

        assertThatThrownBy(() -> trips(folder)).hasMessageContaining("b.tgz!2.csv has an unknown layout");
    }

    @Test
    void countsAllBytesOfArchives() throws IOException {
        write("a.zip", Archives.zip(Archives.files("x/", new byte[0], "x/1.csv", csv(10), "2.csv", csv(20))));
        write("b.tar", Archives.tar(Archives.files("1.csv", csv(30), "2.csv", csv(40))));

        assertThat(read(folder))
                .extracting(trip -> trip.dropoffMillis() / 1_000)
                .containsExactly(10L, 20L, 30L, 40L);
        assertThat(statistics.bytesRead()).isEqualTo(statistics.totalBytes());
        assertThat(statistics.objects()).isEqualTo(2);
    }

    @Test
    void truncatedZipIsDamaged() throws IOException {
        byte[] packed = Archives.zip(Map.of("1.csv", csv(10)));
        write("a.zip", Arrays.copyOf(packed, packed.length - 30));

        assertThat(read(folder)).isEmpty();
        assertThat(messages)
                .singleElement()
                .asString()
                .startsWith("a.zip is damaged or truncated")
                .contains("the directory of the zip archive cannot be read");
    }

    @Test
    void ignoresSystemFiles() throws IOException {
        write("a.csv", csv(10));
        for (String name : List.of("__MACOSX/._a.csv", "._a.csv", ".DS_Store", "Thumbs.db", "desktop.ini")) {
            write(name, new byte[] {0, 5, 22, 7});
        }

        assertThat(read(folder)).hasSize(1);
    }

    @Test
    void idsDoNotDependOnTheLocale() throws IOException {
        write("\u00fc +%.csv", csv(10));

        assertThat(read(folder)).extracting(TripEvent::tripId).containsExactly(new RecordIds("\u00fc +%.csv").id(2));
        assertThat(read(folder.resolve("\u00fc +%.csv")))
                .extracting(TripEvent::tripId)
                .containsExactly(new RecordIds("\u00fc +%.csv").id(2));
    }

    @Test
    void printsTheFirstRejectsAndWritesAll() throws IOException {
        Path file = folder.resolve("rejects.tsv");
        try (var shown = new RejectLog(file, false, messages::add)) {
            for (int i = 1; i <= 50; i++) {
                shown.rejected("a.csv", i, RejectReason.INVALID_TIME, "'so\non'");
            }
        }

        assertThat(messages).hasSize(11).startsWith("rejected a.csv line 1 invalid_time: 'so?on'");
        assertThat(messages.get(10)).contains(file.toString());
        assertThat(Files.readAllLines(file)).hasSize(50).contains("a.csv\t50\tinvalid_time\t'so?on'");
    }

    @Test
    void unwritableRejectsAreAnError() {
        assertThatThrownBy(() -> new RejectLog(folder.resolve("nowhere/rejects.tsv"), false, messages::add))
                .isInstanceOf(InputFailedException.class)
                .hasMessageStartingWith("-rejects ");
    }

    @Test
    void overwritesAnExistingRejectsFileOnlyOnRequest() throws IOException {
        Path file = write("rejects.tsv", "kept".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> new RejectLog(file, false, messages::add))
                .isInstanceOf(InputFailedException.class)
                .hasMessageContaining("it already exists");
        assertThat(file).hasContent("kept");

        new RejectLog(file, true, messages::add).close();

        assertThat(file).isEmptyFile();
    }

    @Test
    void fullDiskIsNamedWhenWritingRejects() {
        Path full = Path.of("/dev/full");
        assumeThat(full).exists();
        var shown = new RejectLog(full, false, messages::add);
        shown.rejected("a.csv", 1, RejectReason.INVALID_TIME, "x");

        assertThatThrownBy(shown::close)
                .isInstanceOf(InputFailedException.class)
                .hasMessageStartingWith("-rejects /dev/full cannot be written: No space left on device; ");
    }

    @Test
    void countsUnknownZonesSeparatelyFromRejects() throws IOException {
        write("zones.csv", """
                tpep_pickup_datetime,tpep_dropoff_datetime,PULocationID,DOLocationID,total_amount
                2017-01-01 00:00:00,2017-01-01 00:10:00,264,161,1
                2017-01-01 00:00:00,2017-01-01 00:10:00,161,265,1
                2017-01-01 00:00:00,2017-01-01 00:10:00,161,266,1
                2017-01-01 00:00:00,2017-01-01 00:10:00,161,132,1
                """.getBytes(StandardCharsets.UTF_8));

        assertThat(read(folder)).hasSize(1);

        assertThat(statistics.nowhere()).isEqualTo(2);
        assertThat(statistics.rejected()).isEqualTo(1);
        assertThat(statistics.rejectedByReason()).containsOnlyKeys(RejectReason.UNKNOWN_ZONE);
        assertThat(statistics.records()).isEqualTo(4);
        assertThat(rejects.list).hasSize(1);
    }

    @Test
    void followsLinksButNotCycles() throws IOException {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Files.write(elsewhere.resolve("a.csv"), csv(10));
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.createSymbolicLink(data.resolve("linked"), elsewhere);
        Path link = Files.createSymbolicLink(folder.resolve("link"), data);

        assertThat(read(link)).hasSize(1);

        Files.createSymbolicLink(data.resolve("circle"), data);
        assertThatThrownBy(() -> read(data))
                .isInstanceOf(InputFailedException.class)
                .hasMessageContaining("a link leads back to a folder that contains it");
    }

    @Test
    void namesAPathThatIsNotAFile() throws IOException {
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nowhere.csv"));

        assertThatThrownBy(() -> read(dangling))
                .isInstanceOf(InputFailedException.class)
                .hasMessageContaining("is a link to a file that does not exist");
        assertThatThrownBy(() -> read(folder))
                .isInstanceOf(InputFailedException.class)
                .hasMessageContaining("is a link to a file that does not exist");
        assertThatThrownBy(() -> read(Path.of("/dev/null")))
                .isInstanceOf(InputFailedException.class)
                .hasMessageContaining("is a pipe, a socket or a device");
        Files.delete(dangling);
        write(".hidden", csv(10));
        assertThatThrownBy(() -> read(folder))
                .isInstanceOf(InputFailedException.class)
                .hasMessageContaining("contains only empty or hidden files, or none");
    }

    private List<TripEvent> read(Path data) {
        try (var trips = trips(data)) {
            return Trips.all(trips);
        }
    }

    private ObjectEvents<TripEvent> trips(Path data) {
        return new ObjectEvents<>(
                new FileStore(data),
                new TripFormats(ZoneOffset.UTC),
                "trips",
                TimeRange.ALL,
                statistics,
                rejects,
                messages::add);
    }

    private Path write(String name, byte[] content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, content);
    }

    /** Returns trips that do not compress to almost nothing. */
    private static byte[] manyTrips() {
        var random = new Random(1);
        var content = new StringBuilder(HEADER);
        for (int i = 0; i < TRIPS; i++) {
            content.append("1970-01-01 00:00:00,1970-01-01 00:00:10,-73.")
                    .append(random.nextInt(1_000_000))
                    .append(",40.7,-73.8,40.6,")
                    .append(random.nextInt(100))
                    .append('\n');
        }
        return content.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] csv(int dropoffSecond) {
        return (HEADER + "1970-01-01 00:00:00,1970-01-01 00:00:" + dropoffSecond + ",-73.9,40.7,-73.8,40.6,21.36\n")
                .getBytes(StandardCharsets.UTF_8);
    }
}
