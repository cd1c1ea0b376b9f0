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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

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

    static List<Arguments> filesWithLongHeaders() throws IOException {
        byte[] trips = csv(10);
        return List.of(
                Arguments.of("a.tgz", Compressions.GZIP.pack(tarWithHeader('L', trips)), "a tar header is longer"),
                Arguments.of("a.tgz", Compressions.GZIP.pack(tarWithHeader('K', trips)), "a tar header is longer"),
                Arguments.of("a.tgz", Compressions.GZIP.pack(tarWithHeader('x', trips)), "a tar header is longer"),
                Arguments.of("a.tgz", Compressions.GZIP.pack(tarWithHeader('g', trips)), "a tar header is longer"),
                Arguments.of("a.gz", gzipWithName(trips), "a gzip header is longer"),
                Arguments.of(
                        "a.zip",
                        Archives.zip(Archives.files("a.gz", gzipWithName(trips))),
                        "in a.gz: a gzip header is longer"));
    }

    @ParameterizedTest
    @MethodSource("filesWithLongHeaders")
    void aHeaderOfAnArchiveIsNotReadIntoMemoryWhateverItsSize(String name, byte[] content, String why)
            throws IOException {
        write(name, content);
        write("b.csv", csv(20));

        assertThat(read(folder))
                .extracting(trip -> trip.dropoffMillis() / 1_000)
                .containsExactly(20L);
        assertThat(messages)
                .singleElement()
                .asString()
                .startsWith(name + " is damaged or truncated")
                .contains(why);
        assertThat(statistics.damagedObjects()).isEqualTo(1);
    }

    @Test
    void manyMembersOfGzipAreNotMistakenForALongHeader() throws IOException {
        var members = new ByteArrayOutputStream();
        members.writeBytes(Compressions.GZIP.pack(csv(10)));
        for (int i = 0; i < 3_000; i++) {
            members.writeBytes(
                    Compressions.GZIP.pack("1970-01-01 00:00:00,1970-01-01 00:00:20,-73.9,40.7,-73.8,40.6,21.36\n"
                            .getBytes(StandardCharsets.UTF_8)));
        }
        write("a.csv.gz", members.toByteArray());

        assertThat(read(folder)).hasSize(3_001);
        assertThat(messages).isEmpty();
    }

    @Test
    void filesOfAnArchiveMayBeLongerThanItsHeaders() throws IOException {
        byte[] trips = manyTrips();
        byte[] hidden = new byte[3 << 20];
        write("a.tar", Archives.tar(Archives.files(".a", hidden, "b.csv", trips, ".b", hidden, "c.csv", trips)));

        assertThat(read(folder)).hasSize(2 * TRIPS);
        assertThat(messages).isEmpty();
    }

    @Test
    void xzCannotClaimAllMemory() throws IOException {
        write("a.csv.xz", xzWithDictionary(1 << 30));
        write("b.csv", csv(20));

        assertThat(read(folder))
                .extracting(trip -> trip.dropoffMillis() / 1_000)
                .containsExactly(20L);
        assertThat(messages)
                .singleElement()
                .asString()
                .startsWith("a.csv.xz is damaged or truncated")
                .contains("needs 1024 MiB of memory, and 130 MiB are allowed");
    }

    @Test
    void readsXzOfTheStrongestPreset() throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var xz = new XZOutputStream(packed, new LZMA2Options(LZMA2Options.PRESET_MAX))) {
            xz.write(csv(10));
        }
        write("a.csv.xz", packed.toByteArray());

        assertThat(read(folder)).hasSize(1);
    }

    @Test
    void aFileOfOneLongLineIsNotEmpty() throws IOException {
        write("a.csv", csv(10));
        write("b.csv", "a,".repeat(1 << 20).getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> trips(folder))
                .isInstanceOf(InputFailedException.class)
                .hasMessageStartingWith("1 of 2 files does not contain trips, so nothing was sent;")
                .hasMessageContaining("b.csv starts with a line longer than 1048576 bytes");
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

        assertThat(messages).hasSize(11).startsWith("rejected a.csv line 1 invalid_time: 'so\\u000aon'");
        assertThat(messages.get(10)).contains(file.toString());
        assertThat(Files.readAllLines(file)).hasSize(50).contains("a.csv\t50\tinvalid_time\t'so\\u000aon'");
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

    /** Returns a tar archive with a header of two megabytes before its only file. */
    private static byte[] tarWithHeader(char type, byte[] content) throws IOException {
        byte[] file = Archives.tar(Map.of("1.csv", content));
        byte[] name = Archives.tar(Map.of("././@LongLink", new byte[2 << 20]));
        Arrays.fill(name, 512, 512 + (2 << 20), (byte) 'a');
        name[156] = (byte) type;
        Arrays.fill(name, 148, 156, (byte) ' ');
        int sum = 0;
        for (int i = 0; i < 512; i++) {
            sum += name[i] & 0xff;
        }
        byte[] checksum = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(checksum, 0, name, 148, checksum.length);
        if (type == 'x' || type == 'g') {
            byte[] length = ((2 << 20) + " a=").getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(length, 0, name, 512, length.length);
            name[512 + (2 << 20) - 1] = '\n';
        }
        var archive = new ByteArrayOutputStream();
        archive.write(name, 0, 512 + (2 << 20));
        archive.writeBytes(file);
        return archive.toByteArray();
    }

    /** Returns a gzip file with a name of two megabytes in its header. */
    private static byte[] gzipWithName(byte[] content) throws IOException {
        byte[] packed = Compressions.GZIP.pack(content);
        packed[3] |= 8;
        var named = new ByteArrayOutputStream();
        named.write(packed, 0, 10);
        named.writeBytes("a".repeat(2 << 20).getBytes(StandardCharsets.US_ASCII));
        named.write(0);
        named.write(packed, 10, packed.length - 10);
        return named.toByteArray();
    }

    /** Returns an xz file that declares a dictionary of this size. */
    private static byte[] xzWithDictionary(int bytes) throws IOException {
        byte[] packed = Compressions.XZ.pack(csv(10));
        // The header of the first block: its size, flags, the id of LZMA2, the size of its properties, the dictionary.
        int log = Integer.numberOfTrailingZeros(bytes);
        packed[16] = (byte) (2 * (log - 12));
        var crc = new CRC32();
        int length = (packed[12] + 1) * 4;
        crc.update(packed, 12, length - 4);
        ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN).putInt(12 + length - 4, (int) crc.getValue());
        return packed;
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
