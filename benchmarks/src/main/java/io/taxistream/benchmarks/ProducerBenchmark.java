package io.taxistream.benchmarks;

import static java.util.Objects.requireNonNull;

import io.taxistream.eventtime.Part;
import io.taxistream.producer.events.EventForm;
import io.taxistream.producer.events.EventSource;
import io.taxistream.producer.input.FileStore;
import io.taxistream.producer.input.InputStatistics;
import io.taxistream.producer.input.TimeRange;
import io.taxistream.producer.order.ReorderedEvents;
import io.taxistream.producer.reading.ObjectEvents;
import io.taxistream.producer.reading.RecordFormats;
import io.taxistream.producer.records.RecordFields;
import io.taxistream.producer.records.TimedRecordForm;
import io.taxistream.producer.records.TimedRecordFormats;
import io.taxistream.producer.replay.AdaptTime;
import io.taxistream.producer.replay.EventSink;
import io.taxistream.producer.replay.PrintedEvents;
import io.taxistream.producer.replay.Replay;
import io.taxistream.producer.replay.TimeSource;
import io.taxistream.producer.trips.TripForm;
import io.taxistream.producer.trips.TripFormats;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Measures the producer in two ways: everything it does with a trip except sending it, and the whole shipped jar, with
 * the Kinesis Producer Library and its native process, against a stream that accepts everything immediately.
 */
final class ProducerBenchmark {

    private static final Path JAR =
            Path.of("kinesis-taxi-stream-producer", "target", "kinesis-taxi-stream-producer-1.0.jar");

    private static final Duration SAMPLE_INTERVAL = Duration.ofMillis(50);
    private static final int SHARDS = 8;

    private ProducerBenchmark() {}

    /**
     * Measures reading, ordering and encoding without sending, for trips and for the same data as records of any
     * layout.
     */
    static Table withoutSending(Input input, int rounds) throws Exception {
        String csv = input.file().toString();
        String json = jsonLines(input).toString();
        return new Rounds()
                .add("trips, CSV", ProducerBenchmark.class, Kind.TRIPS.name(), csv)
                .add("trips, JSON lines", ProducerBenchmark.class, Kind.TRIPS.name(), json)
                .add("any records, JSON lines", ProducerBenchmark.class, Kind.RECORDS.name(), json)
                .run(rounds);
    }

    /** Returns the trips of an input as JSON lines, kept in the build folder. */
    private static Path jsonLines(Input input) throws IOException {
        Path file = Path.of("benchmarks", "target", "trips.jsonl.gz");
        Files.createDirectories(file.getParent());
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file), 1 << 16)) {
            for (byte[] record : input.records(1)) {
                out.write(record);
            }
        }
        return file;
    }

    private enum Kind {
        TRIPS,
        RECORDS
    }

    /** Runs the process that is measured without sending. Arguments: the kind of input and the file. */
    public static void main(String[] args) throws Exception {
        Kind kind = Kind.valueOf(args[0]);
        Path file = Path.of(args[1]);
        var fields = new RecordFields("dropoff_datetime", "iso", null, null, null, Map.of(), false);
        Rounds.serve(() -> new Rounds.Outcome(
                switch (kind) {
                    case TRIPS -> replay(file, new TripForm(), new TripFormats(Input.NEW_YORK));
                    case RECORDS -> replay(file, new TimedRecordForm(fields), new TimedRecordFormats(fields));
                },
                0));
    }

    private static <E> long replay(Path file, EventForm<E> form, RecordFormats<E> formats) {
        InputStatistics statistics = new InputStatistics();
        EventSink<E> sink = new PrintedEvents<>(OutputStream.nullOutputStream(), form, true, Part.ONLY);
        EventSource<E> all = new ObjectEvents<>(
                new FileStore(file),
                formats,
                "events",
                TimeRange.ALL,
                statistics,
                (object, line, reason, message) -> {},
                line -> {});
        try (EventSource<E> events = new ReorderedEvents<>(all, form, ReorderedEvents.DEFAULT_CAPACITY, statistics)) {
            var settings = new Replay.Settings(0, AdaptTime.ORIGINAL, Duration.ofHours(1), Part.ONLY);
            new Replay<>(events::next, form, sink, settings, TimeSource.system(), line -> {}).run();
        }
        requireNoLateTrips(statistics.late());
        return sink.status().sent();
    }

    /**
     * Measures the whole producer against one that leaves aggregation to the library: CPU seconds per million trips,
     * both processes included.
     */
    static Table withKpl(Input input, int rounds) throws Exception {
        long trips = input.trips().size();
        Table table = new Table(
                "trips per record", "CPU seconds per million trips: min", "median", "max", "trips per second: median");
        Map<String, Function<KinesisHost, List<String>>> variants = new LinkedHashMap<>();
        variants.put("many (-aggregate)", kinesis -> shipped(input, kinesis, true));
        variants.put("one each", kinesis -> shipped(input, kinesis, false));
        variants.put("many, aggregated by the library", kinesis -> packedByKpl(input, kinesis));
        Map<String, List<Cost>> costs = new HashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (String variant : variants.keySet()) {
                try (KinesisHost kinesis = KinesisHost.start(SHARDS)) {
                    Cost cost = run(variants.get(variant).apply(kinesis));
                    System.err.println("round " + (round + 1) + " of " + rounds + ", " + variant + ": " + cost);
                    costs.computeIfAbsent(variant, key -> new ArrayList<>()).add(cost);
                }
            }
        }
        for (String variant : variants.keySet()) {
            List<Cost> measured = requireNonNull(costs.get(variant), "every variant is measured");
            double[] cpu = measured.stream()
                    .mapToDouble(cost -> cost.cpu().toNanos() / 1e9 / trips * 1e6)
                    .sorted()
                    .toArray();
            double[] rate = measured.stream()
                    .mapToDouble(cost -> trips / (cost.wall().toNanos() / 1e9))
                    .sorted()
                    .toArray();
            table.add(
                    variant,
                    Table.tenths(cpu[0]),
                    Table.tenths(cpu[cpu.length / 2]),
                    Table.tenths(cpu[cpu.length - 1]),
                    Table.count(rate[rate.length / 2]));
        }
        return table;
    }

    /** Sends all trips of the input to a stream as fast as possible. */
    static Cost send(Input input, KinesisHost kinesis, boolean aggregate) throws IOException, InterruptedException {
        return run(shipped(input, kinesis, aggregate));
    }

    static List<String> shipped(Input input, KinesisHost kinesis, boolean aggregate) {
        List<String> command = shipped(input.file(), kinesis.https(), 0);
        if (aggregate) {
            command.add("-aggregate");
        }
        return command;
    }

    private static List<String> shipped(Path file, URI kinesis, long speedup) {
        List<String> command = java();
        command.addAll(List.of(
                "-jar",
                JAR.toString(),
                "-region",
                KinesisHost.REGION,
                "-stream",
                KinesisHost.STREAM,
                "-endpoint",
                kinesis.toString(),
                "-data",
                file.toString(),
                "-speedup",
                Long.toString(speedup)));
        return command;
    }

    private static List<String> packedByKpl(Input input, KinesisHost kinesis) {
        List<String> command = java();
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                KplPacking.class.getName(),
                kinesis.https().toString(),
                input.file().toString()));
        return command;
    }

    private static List<String> java() {
        return new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
    }

    private static Cost run(List<String> command) throws IOException, InterruptedException {
        return run(List.of(command)).get(0);
    }

    /** Runs producers in parallel and returns the cost of each. */
    static List<Cost> run(Collection<List<String>> commands) throws IOException, InterruptedException {
        long start = System.nanoTime();
        List<Run> runs = new ArrayList<>();
        for (List<String> command : commands) {
            runs.add(new Run(command, start(command), new HashMap<>()));
        }
        List<Cost> costs = new ArrayList<>();
        for (Run awaited : runs) {
            do {
                runs.forEach(Run::sample);
            } while (!awaited.producer.waitFor(SAMPLE_INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
            requireDone(awaited.producer, awaited.command);
        }
        Duration wall = Duration.ofNanos(System.nanoTime() - start);
        for (Run run : runs) {
            costs.add(new Cost(run.cpu.values().stream().reduce(Duration.ZERO, Duration::plus), wall));
        }
        return costs;
    }

    /**
     * A running producer.
     *
     * @param cpu CPU time so far of its process and of each of its children
     */
    private record Run(List<String> command, Process producer, Map<Long, Duration> cpu) {

        void sample() {
            Stream.concat(Stream.of(producer.toHandle()), producer.descendants())
                    .forEach(process ->
                            process.info().totalCpuDuration().ifPresent(taken -> cpu.put(process.pid(), taken)));
        }
    }

    /** Sends all trips of a file at the pace of the clock. */
    static void replay(Path file, URI kinesis, long speedup, Duration timeout)
            throws IOException, InterruptedException, TimeoutException {
        List<String> command = shipped(file, kinesis, speedup);
        command.add("-sort");
        Process producer = start(command);
        if (!producer.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            producer.destroy();
            throw new TimeoutException("the producer did not exit within " + timeout.toSeconds() + " s");
        }
        requireDone(producer, command);
    }

    private static Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("AWS_ACCESS_KEY_ID", "benchmark");
        builder.environment().put("AWS_SECRET_ACCESS_KEY", "benchmark");
        return builder.start();
    }

    private static void requireDone(Process producer, List<String> command) throws IOException {
        if (producer.exitValue() != 0) {
            throw new IOException("the producer exited with code " + producer.exitValue() + ": " + command);
        }
    }

    /**
     * Cost of one run of the producer, or of several in parallel.
     *
     * @param cpu CPU time of the process and all its children, including their start
     * @param wall time from the start of the first to the end of the last
     */
    record Cost(Duration cpu, Duration wall) {}

    private static void requireNoLateTrips(long late) {
        if (late > 0) {
            throw new IllegalStateException(late + " trips of the input are too far out of order; sort it by drop-off");
        }
    }
}
