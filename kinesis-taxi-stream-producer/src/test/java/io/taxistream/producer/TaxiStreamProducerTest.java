package io.taxistream.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.producer.archives.Archives;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the output and exit code of the whole program, without a stream. */
class TaxiStreamProducerTest {

    private static final String HEADER = "pickup_datetime,dropoff_datetime,pickup_longitude,pickup_latitude,"
            + "dropoff_longitude,dropoff_latitude,total_amount\n";

    @TempDir
    Path folder;

    private Path file;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void writeTrips() throws IOException {
        file = folder.resolve("trips.csv");
        Files.writeString(
                file,
                HEADER + row("00:00:10") + row("00:20:00") + "broken\n" + row("00:10:00"),
                StandardCharsets.UTF_8);
    }

    @Test
    void printsRecordsInOrderToStandardOutputAndStatisticsToStandardError() {
        assertThat(run("-data", file.toString(), "-speedup", "0", "-print", "-maxRejects", "25"))
                .isZero();

        assertThat(printed("dropoff_datetime"))
                .containsExactly("2015-12-01T05:00:10Z", "2015-12-01T05:10:00Z", "2015-12-01T05:20:00Z");
        assertThat(printed("watermark"))
                .containsExactly("2015-12-01T05:09:59.999Z", "2015-12-01T05:19:59.999Z", "2015-12-01T05:20:00Z");
        assertThat(errors())
                .contains(
                        "rejected trips.csv line 4 invalid_time: pickup_datetime is 'broken'; it must be yyyy-MM-dd HH:mm:ss")
                .last()
                .asString()
                .startsWith("summary read=4 sent=3 rejected=1 rejected.invalid_time=1 late=0 skipped=0 unsent=0");
    }

    @Test
    void namesAndValuesCannotControlTheTerminalOrForgeLines() throws IOException {
        String name = "a\u001b]0;x\u0007\nsummary read=1 sent=1\r\u202e.csv";
        Files.writeString(folder.resolve(name), HEADER + "broken\u001b[2J\n" + row("00:10:00"));
        Files.write(
                folder.resolve("b.zip"),
                Archives.zip(Archives.files("in\u001b[2J\n.csv", (HEADER + "x\n").getBytes(StandardCharsets.UTF_8))));

        run("-data", folder.toString(), "-speedup", "0", "-print");

        assertThat(errors())
                .noneSatisfy(line -> assertThat(line).containsPattern("[\\p{Cntrl}\\u202e]"))
                .anySatisfy(line -> assertThat(line)
                        .startsWith(
                                "rejected a\\u001b]0;x\\u0007\\u000asummary read=1 sent=1\\u000d\\u202e.csv line 2 "))
                .anySatisfy(line -> assertThat(line).startsWith("rejected b.zip!in\\u001b[2J\\u000a.csv line 2 "));
        assertThat(errors().stream().filter(line -> line.startsWith("summary"))).hasSize(1);

        err.reset();
        Files.writeString(folder.resolve("c\nd"), "Dear reader");
        assertThat(run("-data", folder.toString(), "-print")).isEqualTo(1);
        assertThat(errors()).singleElement().asString().contains("c\\u000ad has an unknown layout");

        err.reset();
        assertThat(run("-data", "no\u001b\nwhere", "-print")).isEqualTo(1);
        assertThat(errors()).singleElement().asString().startsWith("-data no\\u001b\\u000awhere does not exist");
    }

    @Test
    void sortSeekAndNoWatermarkAffectTheOutput() {
        assertThat(run(
                        "-data",
                        folder.toString(),
                        "-speedup",
                        "0",
                        "-print",
                        "-maxRejects",
                        "25",
                        "-sort",
                        "-noWatermark",
                        "-seek",
                        "2015-12-01T00:05:00"))
                .isZero();

        assertThat(printed("dropoff_datetime")).containsExactly("2015-12-01T05:10:00Z", "2015-12-01T05:20:00Z");
        assertThat(printed("watermark")).isEmpty();
        assertThat(errors()).last().asString().contains("skipped=1");
    }

    @Test
    void speedupPacesTheReplayAndStatisticsShowProgress() {
        long start = System.nanoTime();

        assertThat(run(
                        "-data",
                        file.toString(),
                        "-speedup",
                        "2400",
                        "-print",
                        "-statisticsFrequency",
                        "100",
                        "-maxRejects",
                        "25"))
                .isZero();

        // twenty minutes less ten seconds, 2,400 times faster
        assertThat((System.nanoTime() - start) / 1e9).isGreaterThan(0.495);
        assertThat(errors())
                .anySatisfy(
                        line -> assertThat(line).startsWith("progress sent=").contains("lag=0.0", "input=100%"));
    }

    @Test
    void terminalShowsAProgressBarBelowMessages() {
        String[] args = {"-data", file.toString(), "-speedup", "1200", "-print", "-sort", "-maxRejects", "25"};

        assertThat(TaxiStreamProducer.run(args, out, errorStream(), true, new Termination(errorStream())))
                .isZero();

        String drawn = err.toString(StandardCharsets.UTF_8);
        assertThat(drawn)
                .contains("sort 100% [", "send 100% [", "3/3 (", "/s lag 0.0s 2015-12-01T05:20")
                .contains("\r\u001b[Krejected trips.csv line 4")
                .doesNotContain("progress sent=");
    }

    @Test
    void fromAndToBoundTheReplay() {
        assertThat(run(
                        "-data",
                        file.toString(),
                        "-speedup",
                        "0",
                        "-print",
                        "-maxRejects",
                        "25",
                        "-from",
                        "2015-12-01T05:10:00Z",
                        "-to",
                        "2015-12-01T00:20:00"))
                .isZero();

        assertThat(printed("dropoff_datetime")).containsExactly("2015-12-01T05:10:00Z");
        assertThat(errors())
                .last()
                .asString()
                .startsWith("summary read=4 sent=1 rejected=1")
                .contains("skipped=2");
    }

    @Test
    void rejectedRecordsAreWrittenToAFileOnRequest() throws IOException {
        Path rejects = folder.resolve("rejects.tsv");

        assertThat(run(
                        "-data",
                        file.toString(),
                        "-speedup",
                        "0",
                        "-print",
                        "-maxRejects",
                        "25",
                        "-rejects",
                        rejects.toString()))
                .isZero();

        assertThat(Files.readAllLines(rejects)).singleElement().asString().startsWith("trips.csv\t4\tinvalid_time\t");
    }

    @Test
    void invalidCommandLineExitsWithTwoAndOneLine() {
        assertThat(run("-data", file.toString(), "-prnt")).isEqualTo(2);

        assertThat(errors()).singleElement().asString().contains("-prnt");
        assertThat(out.size()).isZero();
    }

    @Test
    void helpGoesToStandardOutput() {
        assertThat(run("-help")).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8)).contains("-stream NAME");
        assertThat(err.size()).isZero();
    }

    @Test
    void missingInputExitsWithOneAndOneLine() {
        assertThat(run("-data", folder.resolve("nowhere").toString(), "-print")).isEqualTo(1);

        assertThat(errors()).singleElement().asString().endsWith("does not exist; name a file or a folder with trips");
    }

    @Test
    void damagedFileExitsWithOneAfterSendingTheReadablePart() throws IOException {
        Files.write(folder.resolve("damaged.csv"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3});

        assertThat(run("-data", folder.toString(), "-speedup", "0", "-print")).isEqualTo(1);

        assertThat(printed("dropoff_datetime")).hasSize(3);
        assertThat(errors()).last().asString().startsWith("1 objects could be read only in part");
    }

    @Test
    void brokenPipeEndsTheReplayQuietly() {
        var closed = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };

        int status = TaxiStreamProducer.run(
                new String[] {"-data", file.toString(), "-speedup", "0", "-print"},
                closed,
                errorStream(),
                false,
                new Termination(errorStream()));

        assertThat(status).isZero();
        assertThat(errors()).noneSatisfy(line -> assertThat(line).startsWith("summary"));
    }

    @Test
    void unreachableStreamExitsWithOneAndOneLine() {
        assertThat(run(
                        "-data",
                        file.toString(),
                        "-stream",
                        "s",
                        "-region",
                        "us-east-1",
                        "-endpoint",
                        "https://localhost:1",
                        "-giveUpAfter",
                        "1"))
                .isEqualTo(1);

        assertThat(errors()).last().asString().contains("https://localhost:1 cannot be reached", "the endpoint");
    }

    private int run(String... args) {
        return TaxiStreamProducer.run(args, out, errorStream(), false, new Termination(errorStream()));
    }

    private PrintStream errorStream() {
        return new PrintStream(err, true, StandardCharsets.UTF_8);
    }

    private List<String> errors() {
        return err.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** Returns the values of a field in the order in which they were printed. */
    private List<String> printed(String field) {
        String start = "\"" + field + "\":\"";
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains(start))
                .map(line -> line.substring(line.indexOf(start) + start.length()))
                .map(rest -> rest.substring(0, rest.indexOf('"')))
                .toList();
    }

    private static String row(String time) {
        return "2015-11-30 23:55:00,2015-12-01 " + time + ",-73.9,40.7,-73.8,40.6,12.5\n";
    }
}
