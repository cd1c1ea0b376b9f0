package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.taxistream.local.services.Indices;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.JsonHttp;
import io.taxistream.local.services.SearchClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** Watches the page while the whole pipeline runs: the page shows the contents of the search engine. */
class PageIT {

    /** Six hours of event time in twelve seconds. */
    private static final String SPEEDUP = "1800";

    private static final int TRIPS = 6_000;
    /** Maximum number of tab stops before the last control; cells of the map do not count. */
    private static final int MAX_TAB_STOPS = 30;

    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    private static final Pattern ADDRESS = Pattern.compile("Status page at (\\S+)");
    private static final Pattern SUMMARY = Pattern.compile("([\\d,]+) trips from ([\\d,]+) cells");

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Thread pipeline;
    private URI page;

    @BeforeEach
    void startPipeline() throws IOException {
        HeadlessBrowser.requireInstalled();
        Path trips = folder.resolve("trips.csv");
        TripFile.write(trips, TRIPS, 3);
        String[] args = {
            "--data",
            trips.toString(),
            "--speedup",
            SPEEDUP,
            "--producers",
            "2",
            "--shards",
            "4",
            "--port",
            "0",
            "--no-browser"
        };
        pipeline = new Thread(
                () -> LocalPipeline.run(Installation.ofThisClass(), print(out), print(err), args), "pipeline");
        pipeline.start();
        page = awaitPage(out, pipeline);
    }

    /** Waits until a pipeline prints the address of its page. */
    static URI awaitPage(ByteArrayOutputStream out, Thread pipeline) {
        await().atMost(TIMEOUT)
                .until(() ->
                        ADDRESS.matcher(out.toString(StandardCharsets.UTF_8)).find() || !pipeline.isAlive());
        Matcher address = ADDRESS.matcher(out.toString(StandardCharsets.UTF_8));
        assertThat(address.find()).as("address of the page; printed: %s", out).isTrue();
        return URI.create(address.group(1));
    }

    @AfterEach
    void stopPipeline() throws InterruptedException {
        if (pipeline != null) {
            pipeline.interrupt();
            pipeline.join(TIMEOUT.toMillis());
        }
    }

    @Test
    void showsTheResultsWhileThePipelineIsScaled() throws Exception {
        try (HeadlessBrowser browser = HeadlessBrowser.open(page, folder.resolve("profile"))) {
            cellsAndLinesAppearSoonAfterTheFirstWindow(browser);
            noCheckpointFailedSinceTheStart();
            numbersAreThoseOfTheDocuments(browser);
            everyProducerIsShownWithItsTrips(browser);
            shardsAndTaskManagersChangeAtTheReadersCommand(browser);
            everyControlIsReachedByTheTabKey(browser);
            everyMetricOfTheGrafanaDashboardIsServed();
            linksLeadToFlinkAndTheSearchEngine(browser);

            assertThat(browser.complaints()).as("errors in the console").isEmpty();
            assertThat(browser.requests())
                    .as("requests")
                    .isNotEmpty()
                    .allMatch(address -> address.startsWith(page.toString()));
        }
    }

    private void cellsAndLinesAppearSoonAfterTheFirstWindow(HeadlessBrowser browser) throws IOException {
        await().atMost(TIMEOUT)
                .until(() -> status().get("trip_duration_documents").longValue() > 0);

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(browser.count("#map path.cell")).isPositive();
            assertThat(browser.count("#legend li")).isPositive();
            assertThat(linePixels(browser, "--jfk")).isPositive();
            assertThat(linePixels(browser, "--lga")).isPositive();
        });
    }

    private void noCheckpointFailedSinceTheStart() throws IOException {
        await().atMost(TIMEOUT)
                .until(() -> status().at("/health/checkpoints_completed").longValue() > 0);
        JsonNode failed = status().at("/health/checkpoints_failed");
        assertThat(failed.isNumber()).isTrue();
        assertThat(failed.longValue()).isZero();
    }

    private void numbersAreThoseOfTheDocuments(HeadlessBrowser browser) throws Exception {
        await().atMost(TIMEOUT)
                .until(() -> status().at("/parts/producer/state").textValue().equals("finished"));
        Results results = new Results();
        await().atMost(TIMEOUT).untilAsserted(() -> {
            Results before = new Results(results);
            results.read(searchEngine());
            assertThat(results)
                    .as("documents still arrive")
                    .usingRecursiveComparison()
                    .isEqualTo(before);
            assertThat(browser.number("return Number(document.getElementById('time').max)"))
                    .isEqualTo(results.timestamps().size() - 1L);
            assertThat(browser.texts("#figures dd"))
                    .contains("%,d".formatted(results.pickups.size() + results.durations.size()));
        });
        browser.choose("#span", "1");

        browser.press("#time", Keys.HOME);
        assertShown(browser, results, results.timestamps().get(0));
        browser.press("#time", Keys.ARROW_RIGHT);
        assertShown(browser, results, results.timestamps().get(1));
        browser.press("#time", Keys.END);
        assertShown(
                browser, results, results.timestamps().get(results.timestamps().size() - 1));
        browser.press("#time", Keys.PAGE_DOWN);
        assertThat(browser.text("#live")).isEqualTo("Live");
        assertThat(browser.count("#live[aria-pressed=false]")).isEqualTo(1);

        browser.choose("#span", "0");
        browser.press("#time", Keys.END);
        long all = results.pickups.values().stream().mapToLong(Long::longValue).sum();
        await().untilAsserted(
                        () -> assertThat(browser.text("#window-summary")).startsWith("%,d trips from".formatted(all)));
    }

    private static void assertShown(HeadlessBrowser browser, Results results, long timestamp) {
        Map<String, Long> cells = results.pickups(timestamp);
        await().untilAsserted(() -> {
            Matcher summary = SUMMARY.matcher(browser.text("#window-summary"));
            assertThat(summary.matches()).isTrue();
            assertThat(whole(summary.group(1)))
                    .isEqualTo(
                            cells.values().stream().mapToLong(Long::longValue).sum());
            assertThat(whole(summary.group(2))).isEqualTo(cells.size());
        });
        assertThat(browser.count("#map path.cell")).isEqualTo(cells.size());
        List<String> busiest = browser.texts("#cells tbody td");
        assertThat(busiest).hasSize(3 * Math.min(10, cells.size()));
        for (int row = 0; row < busiest.size(); row += 3) {
            assertThat(whole(busiest.get(row + 2))).as(busiest.get(row)).isEqualTo(cells.get(busiest.get(row)));
        }
        List<String> averages = browser.texts("#averages tbody tr:first-child td");
        assertAverage(results.average(timestamp, "JFK"), averages.get(1));
        assertAverage(results.average(timestamp, "LGA"), averages.get(3));
    }

    private static void assertAverage(double expected, String shown) {
        if (Double.isNaN(expected)) {
            assertThat(shown).isEqualTo("–");
        } else {
            assertThat(Double.parseDouble(shown)).isCloseTo(expected, within(0.0501));
        }
    }

    private static void everyProducerIsShownWithItsTrips(HeadlessBrowser browser) {
        await().atMost(TIMEOUT)
                .untilAsserted(() ->
                        assertThat(browser.texts("#producers td:nth-child(2)")).containsExactly("ended", "ended"));
        assertThat(browser.texts("#producers td:first-child")).containsExactly("1/2", "2/2");
        assertThat(browser.texts("#producers td:last-child").stream()
                        .mapToLong(PageIT::whole)
                        .sum())
                .isEqualTo(TRIPS);
    }

    private void shardsAndTaskManagersChangeAtTheReadersCommand(HeadlessBrowser browser) throws IOException {
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(browser.texts("#shards td:nth-child(2)"))
                        .as("event times of the shards")
                        .hasSize(4)
                        .doesNotContain("–"));

        browser.click("[data-action=split-shard]");
        await().atMost(TIMEOUT).untilAsserted(() -> {
            assertThat(browser.text("#scaled")).endsWith("5 shards are open now");
            assertThat(browser.count("#shards tbody tr")).isEqualTo(5);
            assertThat(browser.texts("#events li")).anyMatch(event -> event.contains("5 shards are open now"));
        });

        browser.click("[data-action=kill-task-manager]");
        await().atMost(TIMEOUT).untilAsserted(() -> {
            assertThat(browser.text("#scaled")).startsWith("Killed a task manager");
            assertThat(browser.texts("#events li")).anyMatch(event -> event.contains("The job failed over"));
            assertThat(browser.texts("#job dd")).containsSequence("Running", "1", "1");
            assertThat(status().get("trips_read").longValue())
                    .as("trips read, over both attempts of the job")
                    .isEqualTo(TRIPS);
        });
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    private static void everyControlIsReachedByTheTabKey(HeadlessBrowser browser) {
        browser.script("document.querySelector('.skip').focus()");
        List<String> reached = new ArrayList<>();
        for (int i = 0; i < MAX_TAB_STOPS && !reached.contains("events"); i++) {
            browser.pressTab();
            reached.add((String) browser.script(
                    "const at = document.activeElement; return at.id || at.dataset.action || at.tagName"));
        }

        assertThat(reached)
                .containsSubsequence("time", "play", "live", "span", "tiles", "map", "split-shard", "events");
    }

    private void linksLeadToFlinkAndTheSearchEngine(HeadlessBrowser browser) throws IOException {
        assertThat(browser.texts("#links a")).containsExactly("Flink", "OpenSearch");
        List<?> addresses =
                (List<?>) browser.script("return [...document.querySelectorAll('#links a')].map(link => link.href)");
        assertThat(text(addresses.get(0))).contains("<title>Apache Flink Web Dashboard</title>");
        assertThat(text(addresses.get(1))).contains("\"cluster_name\"");
    }

    private static String text(Object address) throws IOException {
        try (InputStream in = URI.create((String) address).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static long linePixels(HeadlessBrowser browser, String property) {
        return browser.number("""
                const canvas = document.querySelector("#chart canvas");
                const wanted = getComputedStyle(document.documentElement).getPropertyValue(arguments[0]).trim();
                const [red, green, blue] = [1, 3, 5].map(i => parseInt(wanted.slice(i, i + 2), 16));
                const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                let found = 0;
                for (let i = 0; i < pixels.length; i += 4) {
                  if (pixels[i] === red && pixels[i + 1] === green && pixels[i + 2] === blue) {
                    found++;
                  }
                }
                return found;
                """, property);
    }

    private void everyMetricOfTheGrafanaDashboardIsServed() throws IOException {
        String dashboard = Files.readString(Path.of("..", "..", "examples", "grafana", "taxi-stream.json"));
        Set<String> queried = Pattern.compile("flink_\\w+")
                .matcher(dashboard)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toSet());
        assertThat(queried).hasSizeGreaterThan(10);

        // while the job fails over, its metrics are gone
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(servedMetrics()).containsAll(queried));
    }

    private Set<String> servedMetrics() throws IOException {
        try (InputStream in = page.resolve("/metrics").toURL().openStream()) {
            return Pattern.compile("^flink_\\w+", Pattern.MULTILINE)
                    .matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.toSet());
        }
    }

    private JsonNode status() throws IOException {
        return new JsonHttp(page, Duration.ofSeconds(10)).get("/api/status");
    }

    private SearchClient searchEngine() throws IOException {
        return new SearchClient(URI.create(status().at("/parts/search/address").textValue()));
    }

    private static long whole(String text) {
        return Long.parseLong(text.replace(",", ""));
    }

    private static PrintStream print(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    /** Documents of the search engine, by id. */
    private static final class Results {

        private final Map<String, Long> pickups = new TreeMap<>();
        private final Map<String, JsonNode> durations = new TreeMap<>();

        Results() {}

        Results(Results others) {
            pickups.putAll(others.pickups);
            durations.putAll(others.durations);
        }

        void read(SearchClient search) throws IOException {
            search.forEachDocument(
                    Indices.DEFAULT.pickupCount(),
                    (id, document) ->
                            pickups.put(id, document.get("pickup_count").longValue()));
            search.forEachDocument(Indices.DEFAULT.tripDuration(), durations::put);
        }

        List<Long> timestamps() {
            return pickups.keySet().stream()
                    .map(id -> Long.valueOf(id.substring(id.indexOf('-') + 1)))
                    .distinct()
                    .sorted()
                    .toList();
        }

        Map<String, Long> pickups(long timestamp) {
            Map<String, Long> cells = new TreeMap<>();
            pickups.forEach((id, trips) -> {
                if (id.endsWith("-" + timestamp)) {
                    cells.put(id.substring(0, id.indexOf('-')), trips);
                }
            });
            return cells;
        }

        /** Returns the average minutes; NaN without trips. */
        double average(long timestamp, String airport) {
            double minutes = 0;
            long trips = 0;
            for (JsonNode document : durations.values()) {
                if (document.get("timestamp").longValue() == timestamp
                        && document.get("airport_code").textValue().equals(airport)) {
                    minutes += document.get("sum_trip_duration").doubleValue();
                    trips += document.get("trip_count").longValue();
                }
            }
            return minutes / trips;
        }
    }
}
