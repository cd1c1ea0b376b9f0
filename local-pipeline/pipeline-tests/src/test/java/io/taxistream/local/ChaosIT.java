package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.chaos.ChaosExtension;
import io.taxistream.local.chaos.ChaosFault.Kind;
import io.taxistream.local.chaos.Comparison;
import io.taxistream.local.launcher.LocalOptions;
import io.taxistream.local.launcher.PipelineRun;
import io.taxistream.local.launcher.RunSettings;
import io.taxistream.local.launcher.RunningParts;
import io.taxistream.local.services.Indices;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.JsonHttp;
import io.taxistream.local.services.LocalCredentials;
import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.services.SearchService;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the shipped jars against real services, with faults drawn from seeds: the documents equal those of a batch computation.
 *
 * <p>All seeds share one search engine, each with its own indices.
 */
class ChaosIT {

    /** Set {@code -Dchaos.seeds=first-last} to play other seeds than the 200 of the profile {@code full}. */
    private static final String SEEDS = System.getProperty("chaos.seeds", "1-200");

    private static final Path TABLE = Path.of("target", "chaos.md");
    private static final int TRIPS = 6_000;

    /** Six hours of event time in about eight seconds. */
    private static final int SPEEDUP = 2_700;

    private static final int SHARDS = 4;
    private static final int PARALLELISM = 2;

    /** A fault that lasts 20 s in an interactive run lasts 2 s here. */
    private static final double TIME_SCALE = 0.1;

    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(1);

    @TempDir
    private static Path folder;

    private static final RunningParts PARTS = new RunningParts();
    private static URI searchEngine;
    private static Path trips;

    @BeforeAll
    static void start() throws Exception {
        LocalCredentials.setSystemProperties();
        trips = folder.resolve("trips.csv");
        TripFile.write(trips, TRIPS, 3);
        SearchService search = PARTS.add(
                "OpenSearch",
                SearchService.start(
                        Installation.ofThisClass(),
                        Files.createDirectories(folder.resolve("search")),
                        folder.resolve("search.log")));
        searchEngine = search.awaitReady();
    }

    @AfterAll
    static void stop() {
        PARTS.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 1}) // the first draws faults of nearly every kind, the second uses enhanced fan-out
    void everyDocumentIsThatOfABatchComputation(long seed) throws Exception {
        Outcome outcome = play(seed, SPEEDUP);

        assertThat(outcome.error()).as(outcome.output()).isEmpty();
        assertThat(outcome.comparison().orElseThrow().isEqual()).isTrue();
        assertThat(outcome.comparison().orElseThrow().compared()).isPositive();
    }

    @Test
    @Tag("full")
    void everyDocumentIsThatOfABatchComputationForManySeeds() throws Exception {
        long[] seeds =
                Arrays.stream(SEEDS.split("-", 2)).mapToLong(Long::parseLong).toArray();
        Files.writeString(TABLE, Outcome.HEADER);
        List<String> failures = new ArrayList<>();
        for (long seed : LongStream.rangeClosed(seeds[0], seeds[1]).toArray()) {
            Outcome outcome = play(seed, seed % 10 == 0 ? 0 : SPEEDUP);
            Files.writeString(TABLE, Files.readString(TABLE) + outcome.row());
            if (!outcome.error().isEmpty()) {
                Path log = Path.of("target", "chaos-" + seed + ".log");
                Files.writeString(log, outcome.output());
                failures.add("seed " + seed + ": " + outcome.error() + " (" + log + ")");
            }
        }
        assertThat(failures).isEmpty();
    }

    /**
     * Outcome of a seed.
     *
     * @param error empty on success
     */
    private record Outcome(
            long seed,
            int producers,
            boolean fanOut,
            Map<Kind, Integer> faults,
            Optional<Comparison> comparison,
            Duration time,
            String error,
            String output) {

        static final String HEADER = "| seed | producers | consumer | "
                + Arrays.stream(Kind.values()).map(Kind::label).collect(Collectors.joining(" | "))
                + " | documents compared | missing | different | surplus | late | malformed | dead letters | seconds | outcome |\n"
                + "|---".repeat(Kind.values().length + 12) + "|\n";

        String row() {
            Map<String, Object> cells = new LinkedHashMap<>();
            cells.put("seed", seed);
            cells.put("producers", producers);
            cells.put("consumer", fanOut ? "fan-out" : "polling");
            for (Kind kind : Kind.values()) {
                cells.put(kind.label(), faults.getOrDefault(kind, 0));
            }
            comparison.ifPresentOrElse(
                    found -> {
                        cells.put("compared", found.compared());
                        cells.put("missing", found.missing());
                        cells.put("different", found.different());
                        cells.put("surplus", found.surplus());
                        cells.put("late", found.late());
                        cells.put("malformed", found.malformed());
                        cells.put("dead letters", found.dead());
                    },
                    () -> cells.put("none", "not compared | | | | | |"));
            cells.put("seconds", String.format(Locale.ROOT, "%.1f", time.toMillis() / 1000.0));
            cells.put("outcome", error.isEmpty() ? "equal" : error);
            return cells.values().stream().map(String::valueOf).collect(Collectors.joining(" | ", "| ", " |\n"));
        }
    }

    private static Outcome play(long seed, int speedup) throws Exception {
        LocalOptions options = LocalOptions.parse(
                        "--data",
                        trips.toString(),
                        "--shards",
                        Integer.toString(SHARDS),
                        "--parallelism",
                        Integer.toString(PARALLELISM),
                        "--speedup",
                        Integer.toString(speedup),
                        "--port",
                        "0",
                        "--once")
                .orElseThrow();
        RunSettings settings = new RunSettings(Optional.of(searchEngine), indices(seed), CHECKPOINT_INTERVAL);
        ChaosExtension chaos =
                ChaosExtension.draw(seed, OptionalInt.empty(), SHARDS, PARALLELISM, indices(seed), TIME_SCALE);
        var out = new ByteArrayOutputStream();
        Instant start = Instant.now();
        PipelineRun run = new PipelineRun(
                Installation.ofThisClass(),
                options,
                settings,
                chaos,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                line -> {});
        String error = "";
        try {
            run.run();
        } catch (LocalPipelineException e) {
            error = e.getMessage();
        }
        removeIndices(seed);
        return new Outcome(
                seed,
                chaos.schedule().producers(),
                chaos.schedule().fanOut(),
                chaos.schedule().countByKind(),
                chaos.comparison(),
                Duration.between(start, Instant.now()),
                error,
                out.toString(StandardCharsets.UTF_8));
    }

    private static Indices indices(long seed) {
        return new Indices("chaos-" + seed);
    }

    /** Removes the indices of a seed: two hundred seeds would leave a thousand indices, more than a node can hold. */
    private static void removeIndices(long seed) throws IOException {
        Indices indices = indices(seed);
        String names = String.join(
                ",",
                indices.pickupCount(),
                indices.tripDuration(),
                indices.rejectedRecord(),
                indices.rejectedRecord() + Indices.DEAD_LETTER_SUFFIX);
        new JsonHttp(searchEngine, Duration.ofSeconds(30)).delete("/" + names + "?ignore_unavailable=true", "");
    }
}
