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
 * The page of results: one section a benchmark, which a new run replaces.
 *
 * @param page a Markdown file, made if there is none
 */
record Report(Path page) {

    /**
     * Prints a table and puts it into the page.
     *
     * @param name of the benchmark, which finds its section
     * @param how what was measured and with what, in a sentence
     */
    void write(String name, String how, Table table) throws IOException {
        String section = "## " + name + "\n\n" + how + "\n\n" + LocalDate.now(ZoneOffset.UTC) + ", " + machine()
                + ".\n\n" + table;
        System.out.println(section);
        String text = Files.exists(page) ? Files.readString(page) : "# Benchmarks\n\n";
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
