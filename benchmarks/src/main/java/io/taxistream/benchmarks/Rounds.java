package io.taxistream.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Ways to do the same, run by turns in one process, so that whatever else the machine does falls on all of them alike.
 *
 * <p>What counts is the CPU time of the whole process, garbage collector and compiler included: it says what has to be
 * paid for, and a neighbour's load changes it little.
 */
final class Rounds {

    /** As many until the just-in-time compiler has little left to do: a job runs for days. */
    private static final int WARM_UP_ROUNDS = 3;

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private static volatile Instant started;

    /** Null until a variant says so. */
    private static volatile Instant ended;

    private final Map<String, Variant> variants = new LinkedHashMap<>();

    /** A moment, in both kinds of time. */
    private record Instant(long cpuNanos, long wallNanos) {

        static Instant now() {
            return new Instant(SYSTEM.getProcessCpuTime(), System.nanoTime());
        }
    }

    /** Something to measure. */
    interface Variant {
        /**
         * Does it once.
         *
         * @return how many trips were processed
         */
        long run() throws Exception;
    }

    /** Said by a variant when what came before, such as the start of a cluster, is not to be measured. */
    static void startNow() {
        started = Instant.now();
    }

    /** Said by a variant when what comes after, such as the end of a cluster, is not to be measured. */
    static void endNow() {
        ended = Instant.now();
    }

    Rounds add(String name, Variant variant) {
        variants.put(name, variant);
        return this;
    }

    /**
     * Runs all variants by turns, first to warm up, then to be measured.
     *
     * @param rounds how often each is measured
     * @return a row for each variant: trips per CPU second and per second, and the ratio of the medians to the first's
     */
    Table run(int rounds) throws Exception {
        Map<String, List<Measurement>> measurements = new LinkedHashMap<>();
        for (int round = 1 - WARM_UP_ROUNDS; round <= rounds; round++) {
            for (Map.Entry<String, Variant> variant : variants.entrySet()) {
                Measurement measurement = measure(variant.getValue());
                System.err.printf(
                        Locale.ROOT,
                        "round %d of %d, %s: %,.0f trips per CPU second, %,.0f per second%n",
                        round,
                        rounds,
                        variant.getKey(),
                        measurement.perCpuSecond(),
                        measurement.perSecond());
                if (round > 0) {
                    measurements
                            .computeIfAbsent(variant.getKey(), name -> new ArrayList<>())
                            .add(measurement);
                }
            }
        }
        return table(measurements);
    }

    private static Measurement measure(Variant variant) throws Exception {
        System.gc();
        startNow();
        ended = null;
        long trips = variant.run();
        Instant end = ended == null ? Instant.now() : ended;
        return new Measurement(
                trips * 1e9 / (end.cpuNanos() - started.cpuNanos()),
                trips * 1e9 / (end.wallNanos() - started.wallNanos()));
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

    private record Measurement(double perCpuSecond, double perSecond) {}
}
