package io.taxistream.producer.trips;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.taxistream.events.TripEvent;
import io.taxistream.producer.archives.Compressions;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.SingleObject;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.parquet.ParquetFiles;
import io.taxistream.producer.reading.ObjectEvents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;

/**
 * Tests randomly damaged files, different in each run, for some time ({@code -Dfuzz.seconds}): each is either read or
 * rejected with one line, in bounded time. A file that fails is kept in {@code target/fuzz}.
 */
class FuzzedFilesTest {

    private static final Duration BUDGET = Duration.ofSeconds(Integer.getInteger("fuzz.seconds", 2));
    /** Time that a slow machine may take to see both outcomes. */
    private static final Duration LONGEST_START = Duration.ofMinutes(1);

    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static final String CSV = """
            VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,PULocationID,DOLocationID,total_amount
            2,2019-03-01 00:00:10,2019-03-01 00:10:10,161,132,52.5
            2,2019-03-01 00:00:11,2019-03-01 00:10:11,162,132,52.5
            """;

    private final Random random = new Random();

    @Test
    void readsOrRejectsEveryFileInOneLine() throws Exception {
        List<byte[]> files = files();
        long end = System.nanoTime() + BUDGET.toNanos();
        int read = 0;
        int refused = 0;
        while (System.nanoTime() < end
                || (System.nanoTime() < end + LONGEST_START.toNanos() && (read == 0 || refused == 0))) {
            byte[] file = damaged(files.get(random.nextInt(files.size())));
            try {
                if (assertTimeoutPreemptively(LONGEST, () -> isRead(file))) {
                    read++;
                } else {
                    refused++;
                }
            } catch (Throwable e) {
                throw new AssertionError("the file is kept as " + keep(file), e);
            }
        }
        System.out.printf("Fuzzed: %d read, %d refused%n", read, refused);
        assertThat(read).isPositive();
        assertThat(refused).isPositive();
    }

    private static boolean isRead(byte[] file) {
        List<String> messages = new ArrayList<>();
        try (var source = new ObjectEvents<>(
                new SingleObject(Trips.object("fuzzed", file)),
                new TripFormats(ZoneId.of("America/New_York")),
                "trips",
                TimeRange.ALL,
                new InputStatistics(),
                new ListedRejects(),
                messages::add)) {
            List<TripEvent> trips = Trips.all(source);
            assertThat(trips).doesNotContainNull();
            return messages.isEmpty();
        } catch (InputFailedException e) {
            assertThat(e.getMessage()).hasLineCount(1);
            return false;
        }
    }

    /** Flips, removes, repeats or overwrites a few bytes. */
    private byte[] damaged(byte[] file) {
        byte[] bytes = file.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes && bytes.length > 0; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) (bytes[at] ^ (1 << random.nextInt(8)));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes[at] = random.nextBoolean() ? (byte) -1 : 0;
                case 3 -> bytes = joined(bytes, at, Math.min(bytes.length, at + random.nextInt(16)));
                default -> bytes = joined(bytes, at, Math.max(0, at - random.nextInt(16)));
            }
        }
        return bytes;
    }

    /** Joins the bytes before one index with those from another index on. */
    private static byte[] joined(byte[] bytes, int end, int start) {
        byte[] joined = new byte[end + bytes.length - start];
        System.arraycopy(bytes, 0, joined, 0, end);
        System.arraycopy(bytes, start, joined, end, bytes.length - start);
        return joined;
    }

    private static List<byte[]> files() throws IOException {
        List<byte[]> files = new ArrayList<>();
        for (Compressions packing : Compressions.values()) {
            files.add(packing.pack(CSV.getBytes(StandardCharsets.UTF_8)));
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        for (long i = 0; i < 50; i++) {
            rows.add(Map.of(
                    "tpep_pickup_datetime", 1_551_398_410_000_000L + i,
                    "tpep_dropoff_datetime", 1_551_399_010_000_000L + i,
                    "PULocationID", 1 + i % 200,
                    "DOLocationID", 132L,
                    "total_amount", 52.5 + i));
        }
        for (var codec : List.of(
                CompressionCodecName.UNCOMPRESSED,
                CompressionCodecName.SNAPPY,
                CompressionCodecName.ZSTD,
                CompressionCodecName.LZ4_RAW,
                CompressionCodecName.LZ4,
                CompressionCodecName.GZIP)) {
            for (WriterVersion version : WriterVersion.values()) {
                files.add(ParquetFiles.of(ParquetFiles.YELLOW)
                        .codec(codec)
                        .version(version)
                        .rowsInPage(20)
                        .write(rows));
            }
        }
        return files;
    }

    private static Path keep(byte[] file) throws IOException {
        Path folder = Files.createDirectories(Path.of("target", "fuzz"));
        return Files.write(Files.createTempFile(folder, "file", ".bin"), file);
    }
}
