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
        description = "Measures the parts of the pipeline and writes the tables to a page.",
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
            description = "Any of ${COMPLETION-CANDIDATES}; all of them if none is named.")
    private List<Benchmark> names = List.of(Benchmark.values());

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Trip file to measure with, instead of a generated day.")
    private Path data;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How often each variant is measured; ${DEFAULT-VALUE} by default.")
    private int rounds = 5;

    @Option(
            names = "--days",
            paramLabel = "N",
            description =
                    "How many days the job and source benchmarks make of the input and measure, after as many that are not"
                            + " measured; ${DEFAULT-VALUE} by default.")
    private int days = 4;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Page that takes the tables; ${DEFAULT-VALUE} by default.")
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
                            "What is done to each trip on its way, one thread, trips a second by the clock (JMH, one"
                                    + " process a row, 6 s to warm up, " + rounds + " times 2 s): the trips of "
                                    + input.name() + ". Trees are Jackson's tree model with `java.time`.",
                            codec(input));
                case job ->
                    page.write(
                            "job",
                            "From the bytes of a record to results, on Flink in one process at parallelism 1, without"
                                    + " Kinesis and search engine: " + input.name() + ", " + 2 * days
                                    + " times, of which the first half is not"
                                    + " measured.\n\n"
                                    + JobBenchmark.VARIANTS,
                            JobBenchmark.run(input, days, rounds));
                case state ->
                    page.write(
                            "state",
                            "How large the job's checkpoints get, every 10 ms of a replay at 100,000 trips a second, on"
                                    + " the heap: " + input.name() + " once, and several times as days that follow one"
                                    + " another. What is kept is what belongs to open windows, so that the greatest"
                                    + " checkpoint is that of the busiest window whatever the number of days.",
                            StateBenchmark.run(input.records(STATE_DAYS.get(STATE_DAYS.size() - 1)), STATE_DAYS));
                case source ->
                    page.write(
                            "source",
                            "From a stream of eight shards, filled with packed records by the producer, to trips,"
                                    + " against the same from memory; all on Flink at parallelism 1: "
                                    + input.name() + ", " + 3 * days
                                    + " times, of which the middle third is measured. Kinesis runs in a process of its"
                                    + " own, which is not counted.\n\n" + SourceBenchmark.VARIANTS,
                            SourceBenchmark.run(input, days, rounds));
                case producer ->
                    page.write(
                            "producer",
                            "The producer without sending, one thread: " + input.name()
                                    + " read, gunzip included, put in order, encoded, with watermarks between. Beside it"
                                    + " the same trips in the JSON lines that it sends: read as trips, and as any records"
                                    + " (`-timeField dropoff_datetime`), whose lines go as they are.",
                            ProducerBenchmark.withoutSending(input, rounds));
                case kpl ->
                    page.write(
                            "kpl",
                            "The shipped producer as a process, with the Kinesis Producer Library and its native process,"
                                    + " to an embedded Kinesis of eight shards without limits: " + input.name()
                                    + ". The start of the processes is part of it. Beside it, the same trips handed to"
                                    + " the library one by one, which packs them itself; without watermarks.",
                            ProducerBenchmark.withKpl(input, rounds));
                case parts ->
                    page.write(
                            "parts",
                            "Several shipped producers at the same time on this machine, with `-aggregate`, each a process"
                                    + " that reads all of " + input.name()
                                    + " and sends its part of it (`-part`), to an"
                                    + " embedded Kinesis of eight shards without limits that runs on the same cores. CPU"
                                    + " seconds are those of all producers, their native processes and their start included.",
                            PartsBenchmark.run(input, rounds));
                case sink ->
                    page.write(
                            "sink",
                            "One writer of the sink, as it ships, against a bare loop: from the first document to the last"
                                    + " acknowledgement of " + Table.count(SinkBenchmark.DOCUMENTS) + ", medians of "
                                    + rounds
                                    + " rounds and of their ratios, after a round that is not counted; in every other round"
                                    + " the sink goes first. The loop sends the sink's very requests, recorded before, so it"
                                    + " neither makes nor compresses them. It uses the HTTP client of the JDK where the sink"
                                    + " uses Apache's, and looks in an answer for an error only, where the sink looks for the"
                                    + " id and the status of each document. OpenSearch runs on the same machine, in a process"
                                    + " of its own; CPU seconds are the client's.",
                            SinkBenchmark.run(rounds));
                case latency ->
                    page.write(
                            "latency",
                            "From the watermark that closes a window to the document that a search finds, and what each part"
                                    + " adds: the whole pipeline with its defaults at eight shards and parallelism 2, at the"
                                    + " speed of the clock times the speed-up. Each window has 180 trips, which give "
                                    + LatencyInput.DOCUMENTS_PER_WINDOW
                                    + " documents, each a sample. The percentiles of the parts do not add up to those of the"
                                    + " whole, and those of few windows are rough: the documents of one window share their"
                                    + " fate. A search is asked every 20 ms. See [scale.md](scale.md#latency).",
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
