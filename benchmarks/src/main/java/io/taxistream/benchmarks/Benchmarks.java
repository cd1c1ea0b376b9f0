package io.taxistream.benchmarks;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.Statistics;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs benchmarks, prints their tables and updates the page of results; {@code --help} lists the benchmarks. */
@Command(
        name = "run-benchmarks.sh",
        description = "Measures the components of the pipeline and writes the tables to a page.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class Benchmarks implements Callable<Integer> {

    private enum Benchmark {
        codec,
        job,
        state,
        source,
        producer,
        kpl,
        parts,
        sink,
        latency
    }

    private static final List<Integer> STATE_DAYS = List.of(1, 3, 7);

    @Parameters(
            paramLabel = "BENCHMARK",
            description = "Benchmarks to run: any of ${COMPLETION-CANDIDATES}. Default: all of them.")
    private List<Benchmark> names = List.of(Benchmark.values());

    @Option(names = "--data", paramLabel = "FILE", description = "Trip file to use. Default: a generated day.")
    private Path data;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Number of measurements of each variant. Default: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Option(
            names = "--days",
            paramLabel = "N",
            description =
                    "Number of days that the job benchmark measures, made by repeating the input, after as many days of"
                            + " warm-up. Default: ${DEFAULT-VALUE}.")
    private int days = 4;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Page to write the tables to. Default: ${DEFAULT-VALUE}.")
    private Path report = Path.of("docs", "benchmarks.md");

    private Benchmarks() {}

    /** Runs the named benchmarks and exits with 0 on success, 1 on failure or 2 on a usage error. */
    public static void main(String[] args) {
        // the embedded Kinesis accepts any credentials, but the client requires some
        System.setProperty("aws.accessKeyId", "benchmark");
        System.setProperty("aws.secretAccessKey", "benchmark");
        System.exit(new CommandLine(new Benchmarks()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Input input = Input.of(Optional.ofNullable(data));
        Report page = new Report(report);
        for (Benchmark name : names) {
            switch (name) {
                case codec ->
                    page.write(
                            "codec",
                            "Cost of each step that a trip passes through, on one thread, in trips per second of"
                                    + " elapsed time (JMH, one process per row, 6 s of warm-up, then "
                                    + rounds
                                    + " times 2 s), for the trips of "
                                    + input.name()
                                    + ". The tree variants use Jackson's tree model and `java.time`.",
                            codec(input));
                case job ->
                    page.write(
                            "job",
                            "Cost of the job from record to result, on Flink in one process with parallelism 1, without"
                                    + " Kinesis or a search engine. Input: "
                                    + input.name()
                                    + ", repeated "
                                    + 2 * days
                                    + " times; the first half is warm-up.\n\n"
                                    + JobBenchmark.VARIANTS,
                            JobBenchmark.run(input, days, rounds));
                case state ->
                    page.write(
                            "state",
                            "Size of the job's checkpoints, taken every 10 ms during a replay at 100,000 trips per"
                                    + " second, with state on the heap: "
                                    + input.name()
                                    + " once, and repeated on consecutive days. Only open windows have state, so the"
                                    + " largest checkpoint is that of the busiest window, regardless of the number of"
                                    + " days.",
                            StateBenchmark.run(input.records(STATE_DAYS.get(STATE_DAYS.size() - 1)), STATE_DAYS));
                case source ->
                    page.write(
                            "source",
                            "Cost of reading trips from a stream of eight shards with aggregated records, compared with"
                                    + " reading the same data from memory, on Flink with parallelism 1. Input: "
                                    + input.name()
                                    + ", repeated "
                                    + SourceBenchmark.DAYS
                                    + " times, after "
                                    + SourceBenchmark.MARGIN_DAYS
                                    + " times that are not measured. The CPU time of Kinesis, a separate process, is not"
                                    + " included.\n\n"
                                    + SourceBenchmark.VARIANTS,
                            SourceBenchmark.run(input, rounds));
                case producer ->
                    page.write(
                            "producer",
                            "The producer without sending, on one thread: reads "
                                    + input.name()
                                    + ", including gunzip, puts the trips in order, encodes them and adds watermarks."
                                    + " For comparison, the same trips as JSON lines, the format that the producer"
                                    + " sends: read as trips, and read as any records (`-timeField dropoff_datetime`),"
                                    + " whose lines are sent unchanged.",
                            ProducerBenchmark.withoutSending(input, rounds));
                case kpl ->
                    page.write(
                            "kpl",
                            "The shipped producer as a process, with the Kinesis Producer Library and its native"
                                    + " process, sending "
                                    + input.name()
                                    + " to an embedded Kinesis of eight shards without limits, including the start of"
                                    + " the processes. For comparison, the same trips passed one by one to the library,"
                                    + " which aggregates them itself, without watermarks.",
                            ProducerBenchmark.withKpl(input, rounds));
                case parts ->
                    page.write(
                            "parts",
                            "Several shipped producers at the same time on this machine, with `-aggregate`: each is a"
                                    + " process that reads all of "
                                    + input.name()
                                    + " and sends its part (`-part`) to an embedded Kinesis of eight shards without"
                                    + " limits, which runs on the same cores. CPU seconds include all producers, their"
                                    + " native processes and their start.",
                            PartsBenchmark.run(input, rounds));
                case sink ->
                    page.write(
                            "sink",
                            "One writer of the sink as shipped, compared with a bare loop: from the first document to"
                                    + " the last acknowledgement of "
                                    + Table.count(SinkBenchmark.DOCUMENTS)
                                    + ", medians of "
                                    + rounds
                                    + " rounds and of their ratios, after a warm-up round; the sink goes first in every"
                                    + " other round. The loop sends the sink's own requests, recorded in advance, so it"
                                    + " neither builds nor compresses them. It uses the JDK's HTTP client instead of"
                                    + " Apache's, and only checks whether a response reports an error, where the sink"
                                    + " checks the id and status of each document. OpenSearch runs on the same machine"
                                    + " in a separate process; CPU seconds are those of the client.",
                            SinkBenchmark.run(rounds));
                case latency ->
                    page.write(
                            "latency",
                            "Time from the watermark that closes a window until a search finds the document, and the"
                                    + " share of each component: the whole pipeline with its defaults at eight shards"
                                    + " and parallelism 2, in real time multiplied by the speed-up. Each window has 180"
                                    + " trips, which produce "
                                    + LatencyInput.DOCUMENTS_PER_WINDOW
                                    + " documents; each document is a sample. The percentiles of the components do not"
                                    + " add up to those of the whole, and those of few windows are imprecise, because"
                                    + " the documents of a window are delayed together. A search is sent every 20 ms."
                                    + " See [scale.md](scale.md#latency).",
                            LatencyBenchmark.run());
            }
        }
        return 0;
    }

    private Table codec(Input input) throws Exception {
        Options options = new OptionsBuilder()
                .include(CodecBenchmark.class.getSimpleName())
                .param("data", input.file().toString())
                .measurementIterations(rounds)
                .measurementTime(TimeValue.seconds(2))
                .build();
        Collection<RunResult> results = new Runner(options).run();
        Map<String, Statistics> steps = new HashMap<>();
        for (RunResult result : results) {
            steps.put(
                    result.getPrimaryResult().getLabel(),
                    result.getPrimaryResult().getStatistics());
        }
        Table table = new Table("step", "what it does", "trips per second: min", "median", "max");
        CodecBenchmark.STEPS.forEach((step, what) -> {
            Statistics measured = requireNonNull(steps.get(step), "every step is a benchmark");
            table.add(
                    step,
                    what,
                    Table.count(measured.getMin()),
                    Table.count(measured.getPercentile(50)),
                    Table.count(measured.getMax()));
        });
        return table;
    }
}
