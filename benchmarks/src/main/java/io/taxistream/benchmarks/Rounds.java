package io.taxistream.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs alternatives in turn, so that other load on the machine affects all of them alike. Each has a separate process,
 * because code that the just-in-time compiler has optimised for one alternative is slower for another, and in
 * production a job has a process to itself.
 *
 * <p>The measure is CPU time of the whole process, including garbage collection and compilation: it determines the
 * cost, and other load on the machine hardly affects it.
 */
final class Rounds {

    /** Number of rounds after which the just-in-time compiler has little left to do. */
    private static final int WARM_UP_ROUNDS = 5;

    private static final List<String> HEAP = List.of("-Xms3g", "-Xmx3g");

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private static volatile Instant started = Instant.now();

    /** Null until the variant calls {@link #endNow}. */
    private static volatile @Nullable Instant ended;

    private final Map<String, List<String>> programs = new LinkedHashMap<>();

    /** CPU time, wall-clock time and total just-in-time compilation time at one moment. */
    private record Instant(long cpuNanos, long wallNanos, long compilerMillis) {

        static Instant now() {
            return new Instant(
                    SYSTEM.getProcessCpuTime(),
                    System.nanoTime(),
                    ManagementFactory.getCompilationMXBean().getTotalCompilationTime());
        }
    }

    /** One of the alternatives to be measured. */
    interface Variant {
        /** Runs one round. */
        Outcome run() throws Exception;
    }

    /**
     * The outcome of one round.
     *
     * @param trips number of trips processed while measuring
     * @param results number of results, which must be the same for all variants
     */
    record Outcome(long trips, long results) {}

    /**
     * Starts measuring now. Called by variants to exclude their preparation, such as the start of a long-running job.
     */
    static void startNow() {
        started = Instant.now();
    }

    /** Stops measuring now. Called by variants to exclude their clean-up, such as the shutdown of a cluster. */
    static void endNow() {
        ended = Instant.now();
    }

    /** @param program whose {@code main} calls {@link #serve} */
    Rounds add(String name, Class<?> program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(program.getName());
        command.addAll(List.of(arguments));
        programs.put(name, command);
        return this;
    }

    /**
     * Runs all variants in turn, first to warm up and then measured.
     *
     * @param rounds number of measured rounds of each variant
     * @return a row per variant: trips per CPU second and per second, and the ratio of its median to that of the first
     */
    Table run(int rounds) throws Exception {
        Map<String, VariantProcess> variants = new LinkedHashMap<>();
        Map<String, List<Measurement>> measurements = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, List<String>> program : programs.entrySet()) {
                variants.put(program.getKey(), VariantProcess.start(HEAP, program.getValue()));
            }
            for (int round = 1 - WARM_UP_ROUNDS; round <= rounds; round++) {
                for (Map.Entry<String, VariantProcess> variant : variants.entrySet()) {
                    Measurement measurement =
                            Measurement.parse(variant.getValue().requestLine());
                    System.err.printf(
                            Locale.ROOT,
                            "round %d of %d, %s: %,.0f trips per CPU second, %,.0f per second; compiler %.1f%%%n",
                            round,
                            rounds,
                            variant.getKey(),
                            measurement.perCpuSecond(),
                            measurement.perSecond(),
                            measurement.compilerMillis() * 1e8 / measurement.cpuNanos());
                    if (round > 0) {
                        measurements
                                .computeIfAbsent(variant.getKey(), name -> new ArrayList<>())
                                .add(measurement);
                    }
                }
            }
        } finally {
            variants.values().forEach(VariantProcess::close);
        }
        requireSameResults(measurements);
        return table(measurements);
    }

    /** Compares variants that produce results and were given the same number of trips. */
    private static void requireSameResults(Map<String, List<Measurement>> measurements) {
        Map<Long, Long> resultsOfTrips = new HashMap<>();
        for (List<Measurement> variant : measurements.values()) {
            for (Measurement measured : variant) {
                if (measured.results() > 0
                        && resultsOfTrips.computeIfAbsent(measured.trips(), trips -> measured.results())
                                != measured.results()) {
                    throw new IllegalStateException("the variants disagree on the number of results: " + measurements);
                }
            }
        }
    }

    /** Runs in a variant's process: measures one round per line of standard input, until that ends or a round fails. */
    static void serve(Variant variant) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err); // libraries may print to standard output
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int exitCode = 0;
        try {
            while (questions.readLine() != null) {
                answers.println(measure(variant));
                answers.flush();
            }
        } catch (Exception e) {
            e.printStackTrace();
            exitCode = 1;
        }
        System.exit(exitCode); // threads of a cluster would keep this process alive
    }

    private static String measure(Variant variant) throws Exception {
        System.gc();
        startNow();
        ended = null;
        Outcome outcome = variant.run();
        Instant endOfVariant = ended;
        Instant end = endOfVariant == null ? Instant.now() : endOfVariant;
        return outcome.trips() + " " + outcome.results() + " " + (end.cpuNanos() - started.cpuNanos()) + " "
                + (end.wallNanos() - started.wallNanos()) + " "
                + (end.compilerMillis() - started.compilerMillis());
    }

    private static Table table(Map<String, List<Measurement>> measurements) {
        Table table = new Table(
                "variant",
                "trips per CPU second: min",
                "median",
                "max",
                "ratio to the first",
                "trips per second: median");
        double first = Double.NaN;
        for (Map.Entry<String, List<Measurement>> variant : measurements.entrySet()) {
            double[] cpu = sorted(variant.getValue().stream()
                    .mapToDouble(Measurement::perCpuSecond)
                    .toArray());
            double[] wall = sorted(variant.getValue().stream()
                    .mapToDouble(Measurement::perSecond)
                    .toArray());
            double median = median(cpu);
            first = Double.isNaN(first) ? median : first;
            table.add(
                    variant.getKey(),
                    Table.count(cpu[0]),
                    Table.count(median),
                    Table.count(cpu[cpu.length - 1]),
                    Table.ratio(median / first),
                    Table.count(median(wall)));
        }
        return table;
    }

    private static double[] sorted(double[] values) {
        Arrays.sort(values);
        return values;
    }

    private static double median(double[] sorted) {
        return sorted[sorted.length / 2];
    }

    private record Measurement(long trips, long results, long cpuNanos, long wallNanos, long compilerMillis) {

        static Measurement parse(String line) {
            String[] numbers = line.split(" ", 5);
            return new Measurement(
                    Long.parseLong(numbers[0]),
                    Long.parseLong(numbers[1]),
                    Long.parseLong(numbers[2]),
                    Long.parseLong(numbers[3]),
                    Long.parseLong(numbers[4]));
        }

        double perCpuSecond() {
            return trips * 1e9 / cpuNanos;
        }

        double perSecond() {
            return trips * 1e9 / wallNanos;
        }
    }
}
