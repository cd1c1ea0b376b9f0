package io.taxistream.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
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

/**
 * Ways to do the same, run by turns, so that whatever else the machine does falls on all of them alike. Each has a process
 * of its own, because code that the just-in-time compiler has fitted to one is slower for another, and a job is alone in
 * its process.
 *
 * <p>What counts is the CPU time of the whole process, garbage collector and compiler included: it says what has to be
 * paid for, and a neighbour's load changes it little.
 */
final class Rounds {

    /** As many until the just-in-time compiler has little left to do. */
    private static final int WARM_UP_ROUNDS = 3;

    private static final List<String> HEAP = List.of("-Xms3g", "-Xmx3g");

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private static volatile Instant started;

    /** Null until a variant says so. */
    private static volatile Instant ended;

    private final Map<String, List<String>> programs = new LinkedHashMap<>();

    /** A moment, in both kinds of time, and how long the just-in-time compiler had worked by then. */
    private record Instant(long cpuNanos, long wallNanos, long compilerMillis) {

        static Instant now() {
            return new Instant(
                    SYSTEM.getProcessCpuTime(),
                    System.nanoTime(),
                    ManagementFactory.getCompilationMXBean().getTotalCompilationTime());
        }
    }

    /** Something to measure. */
    interface Variant {
        /** Does it once. */
        Outcome run() throws Exception;
    }

    /**
     * What one round came to.
     *
     * @param trips how many were processed while it was measured
     * @param results how many results the variant gave, to be compared with those of others
     */
    record Outcome(long trips, long results) {}

    /** Said by a variant when what came before, such as the start of a job that will run for days, is not to be measured. */
    static void startNow() {
        started = Instant.now();
    }

    /** Said by a variant when what comes after, such as the end of a cluster, is not to be measured. */
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
     * Runs all variants by turns, first to warm up, then to be measured.
     *
     * @param rounds how often each is measured
     * @return a row for each variant: trips per CPU second and per second, and the ratio of the medians to the first's
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
                            Measurement.parse(variant.getValue().askOnce());
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

    /** Of those that give any and were given as many trips. */
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

    /** In a variant's process: measures it once for each line on standard input, until that ends. */
    static void serve(Variant variant) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err); // libraries may print
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (questions.readLine() != null) {
            answers.println(measure(variant));
            answers.flush();
        }
        System.exit(0);
    }

    private static String measure(Variant variant) throws Exception {
        System.gc();
        startNow();
        ended = null;
        Outcome outcome = variant.run();
        Instant end = ended == null ? Instant.now() : ended;
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
