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

            How fast the parts are, each beside a simpler way to do the same. The tables are written by

                ./run-benchmarks.sh --data FILE

            which takes about a quarter of an hour on two cores; `./run-benchmarks.sh job source` measures these two alone,
            `--help` tells the rest. Without `--data` a generated day is measured.

            How to read them: the variants of a table run by turns in one process, after a round to warm up that is not
            counted, so that whatever else the machine does falls on all of them alike; ratios say more than figures.
            *Trips per CPU second* divides by the CPU time of the whole process from the first record to the end of the
            job, garbage collection and just-in-time compiler included: it is what has to be paid for, and a neighbour's load
            changes it little. Of each variant stand the slowest, the middle and the fastest round.

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
