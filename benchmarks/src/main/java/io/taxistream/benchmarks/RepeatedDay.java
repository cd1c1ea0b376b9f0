package io.taxistream.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Makes a trip file of many days from one of a single day, by repeating the trips with their times shifted by a day
 * each. Used for runs at the scale of a month or half a year.
 *
 * <p>Both files are gzipped CSV in the layout of the TLC's yellow taxis: pick-up and drop-off are the second and third
 * columns, in the form {@code yyyy-MM-dd HH:mm:ss}.
 */
@Command(
        name = "RepeatedDay",
        description = "Writes a gzipped CSV file with the trips of one day repeated over many days.",
        mixinStandardHelpOptions = true)
public final class RepeatedDay implements Callable<Integer> {

    private static final int DATE_LENGTH = "yyyy-MM-dd".length();

    @Parameters(index = "0", paramLabel = "DAY", description = "Gzipped CSV file of one day of yellow cabs.")
    private Path day;

    @Parameters(index = "1", paramLabel = "OUT", description = "File to write.")
    private Path out;

    @Option(names = "--days", paramLabel = "N", description = "Number of days to write. Default: ${DEFAULT-VALUE}.")
    private int days = 30;

    @Option(
            names = "--from",
            paramLabel = "DATE",
            description = "Drop-off date of the first day. Default: ${DEFAULT-VALUE}.")
    private LocalDate from = LocalDate.of(2016, 1, 3);

    private RepeatedDay() {}

    /** Writes the file and exits with 0 on success, 1 on failure or 2 on a usage error. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new RepeatedDay()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        long trips = 0;
        try (BufferedWriter writer = new BufferedWriter(new OutputStreamWriter(
                new GZIPOutputStream(Files.newOutputStream(out), 1 << 16), StandardCharsets.US_ASCII))) {
            for (int i = 0; i < days; i++) {
                trips += writeDay(i, writer);
            }
        }
        System.out.println(trips + " trips on " + days + " days in " + out);
        return 0;
    }

    private long writeDay(int index, BufferedWriter writer) throws IOException {
        long trips = 0;
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(day), 1 << 16), StandardCharsets.US_ASCII))) {
            String header = reader.readLine();
            if (index == 0) {
                writer.write(header);
                writer.write('\n');
            }
            long shiftDays = Long.MIN_VALUE;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                int pickup = line.indexOf(',') + 1;
                int dropoff = line.indexOf(',', pickup) + 1;
                if (shiftDays == Long.MIN_VALUE) {
                    shiftDays = from.plusDays(index).toEpochDay()
                            - date(line, dropoff).toEpochDay();
                }
                writer.write(line, 0, pickup);
                writer.write(date(line, pickup).plusDays(shiftDays).toString());
                writer.write(line, pickup + DATE_LENGTH, dropoff - pickup - DATE_LENGTH);
                writer.write(date(line, dropoff).plusDays(shiftDays).toString());
                writer.write(line, dropoff + DATE_LENGTH, line.length() - dropoff - DATE_LENGTH);
                writer.write('\n');
                trips++;
            }
        }
        return trips;
    }

    private static LocalDate date(String line, int at) {
        return LocalDate.parse(line.substring(at, at + DATE_LENGTH));
    }
}
