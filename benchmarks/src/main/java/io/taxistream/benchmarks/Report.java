package io.taxistream.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The page of results, with one section per benchmark, which each run replaces.
 *
 * @param page a Markdown file, created if it does not exist
 */
record Report(Path page) {

    private static final String HEAD = """
            # Benchmarks

            Throughput, latency and resource use of the components, each compared with a simpler way of doing the same. To reproduce the
            tables, run

                ./run-benchmarks.sh --data FILE

            This takes more than half an hour on two cores and up to 14 GB of memory. `./run-benchmarks.sh job source` runs only these two;
            `--help` lists the options. Without `--data`, a generated day is used.

            How to read the tables: the variants in a table run interleaved, so that other load on the machine affects all of them alike;
            ratios are more meaningful than absolute figures. Unless stated otherwise, each variant has a process of its own, as a job does,
            and five warm-up rounds that are not counted. A job is measured only after it has processed as many trips as the measurement
            covers: it is meant to run for days, and its first seconds, in which the just-in-time compiler uses as much CPU as the job, are
            not representative.

            *Trips per CPU second* divides by the CPU time of the whole process from the first record to the end of the job, including
            garbage collection and just-in-time compilation. This is the cost that you pay for, and other load on the machine hardly affects
            it. For each variant, the tables show the slowest, the median and the fastest round.

            """;

    /**
     * Prints a table and writes it to the page.
     *
     * @param name name of the benchmark, which identifies its section
     * @param how one sentence on what was measured and how
     */
    void write(String name, String how, Table table) throws IOException {
        String section = "## " + name + "\n\n" + how + "\n\n" + LocalDate.now(ZoneOffset.UTC) + ", " + machine()
                + ".\n\n" + table;
        System.out.println(section);
        String text = Files.exists(page) ? Files.readString(page) : HEAD;
        String start = "<!-- " + name + " -->\n";
        String end = "<!-- end of " + name + " -->\n";
        int from = text.indexOf(start);
        int to = text.indexOf(end);
        String framed = start + section + end;
        Files.writeString(
                page,
                from >= 0 && to > from
                        ? text.substring(0, from) + framed + text.substring(to + end.length())
                        : text + framed + "\n");
    }

    private static String machine() throws IOException {
        Runtime runtime = Runtime.getRuntime();
        return String.format(
                Locale.ROOT,
                "%s, %d cores, Java %s on %s",
                processor().orElse(System.getProperty("os.arch")),
                runtime.availableProcessors(),
                System.getProperty("java.version"),
                System.getProperty("os.name"));
    }

    private static Optional<String> processor() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(info)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(info)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        }
    }
}
