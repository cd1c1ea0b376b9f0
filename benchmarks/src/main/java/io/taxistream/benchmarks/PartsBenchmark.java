package io.taxistream.benchmarks;

import static java.util.Objects.requireNonNull;

import io.taxistream.benchmarks.ProducerBenchmark.Cost;
import io.taxistream.eventtime.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs several shipped producers in parallel; each reads the whole input and sends its part of it. */
final class PartsBenchmark {

    private static final List<Integer> PRODUCERS = List.of(1, 2, 4);
    private static final int SHARDS = 8;

    private PartsBenchmark() {}

    /**
     * Measures CPU seconds and trips per second of all producers together, alternating between the numbers of
     * producers.
     */
    static Table run(Input input, int rounds) throws Exception {
        Map<Integer, List<Cost>> costs = new HashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (int producers : PRODUCERS) {
                try (KinesisHost kinesis = KinesisHost.start(SHARDS)) {
                    Cost cost = run(input, kinesis, producers);
                    System.err.println(
                            "round " + (round + 1) + " of " + rounds + ", " + producers + " producers: " + cost);
                    costs.computeIfAbsent(producers, key -> new ArrayList<>()).add(cost);
                }
            }
        }
        long trips = input.trips().size();
        Table table = new Table(
                "producers",
                "CPU seconds per million trips: min",
                "median",
                "max",
                "trips per CPU second: median",
                "trips per second in total: median");
        for (int producers : PRODUCERS) {
            List<Cost> measured = requireNonNull(costs.get(producers), "every number of producers is measured");
            double[] cpu = measured.stream()
                    .mapToDouble(cost -> seconds(cost.cpu()) / trips * 1e6)
                    .sorted()
                    .toArray();
            double[] rate = measured.stream()
                    .mapToDouble(cost -> trips / seconds(cost.wall()))
                    .sorted()
                    .toArray();
            double median = cpu[cpu.length / 2];
            table.add(
                    Integer.toString(producers),
                    Table.tenths(cpu[0]),
                    Table.tenths(median),
                    Table.tenths(cpu[cpu.length - 1]),
                    Table.count(1e6 / median),
                    Table.count(rate[rate.length / 2]));
        }
        return table;
    }

    private static Cost run(Input input, KinesisHost kinesis, int producers) throws Exception {
        List<List<String>> commands = new ArrayList<>();
        for (int index = 1; index <= producers; index++) {
            List<String> command = ProducerBenchmark.shipped(input, kinesis, true);
            command.addAll(List.of("-part", new Part(index, producers).toString()));
            commands.add(command);
        }
        List<Cost> costs = ProducerBenchmark.run(commands);
        return new Cost(
                costs.stream().map(Cost::cpu).reduce(Duration.ZERO, Duration::plus),
                costs.get(0).wall());
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
