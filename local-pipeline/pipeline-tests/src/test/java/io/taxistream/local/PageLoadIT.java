package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.taxistream.local.launcher.LocalOptions;
import io.taxistream.local.page.PageServer;
import io.taxistream.local.page.PipelineView;
import io.taxistream.local.page.ScalingAction;
import io.taxistream.local.page.TimeRange;
import io.taxistream.local.page.Timeline;
import io.taxistream.local.page.Timeline.Step;
import io.taxistream.local.page.Timeline.Trips;
import io.taxistream.local.services.Installation;
import io.taxistream.local.status.Checkpoints;
import io.taxistream.local.status.EventLog;
import io.taxistream.local.status.EventLog.Kind;
import io.taxistream.local.status.Health;
import io.taxistream.local.status.Health.ShardHealth;
import io.taxistream.local.status.PipelineStatus;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/**
 * The page under load: a day replayed at full speed, and a month of results with 256 shards and a full event log. The page
 * answers quickly, and neither the page nor the pipeline leaks.
 */
class PageLoadIT {

    private static final int CELLS = 400;
    private static final long FIRST = 1_448_946_599_999L;
    private static final long WINDOW_MILLIS = 600_000;
    private static final int ROUNDS = 12;

    /** 31 days, which the page shows in half-hour steps. */
    private static final int WINDOWS_OF_A_MONTH = 31 * 144;

    private static final int WINDOWS_PER_STEP = 3;

    /** Maximum number of elements of the page, including the cells of the map. */
    private static final long MAX_ELEMENTS = 1_500;

    /** Twelve hours of ten minutes each. */
    private static final int HALF_A_DAY_OF_WINDOWS = 72;

    /** The last windows of a day stay open while the job runs. */
    private static final int MOST_OF_A_DAY_OF_WINDOWS = 138;

    /** Twice the size of the results of 72 windows with several hundred cells each. */
    private static final long MAX_BYTES_OF_HALF_A_DAY = 4L << 20;

    /** Response time that feels immediate, with a margin for a busy machine. */
    private static final long MAX_ANSWER_MILLIS = 500;

    /** The same during a replay, which leaves the browser little CPU time. */
    private static final long MAX_BUSY_ANSWER_MILLIS = 2_000;

    @TempDir
    private Path folder;

    private final LoadedPipeline pipeline = new LoadedPipeline();

    @Tag("full")
    @Test
    void staysSmallAndFastWithAMonthOfResults() throws Exception {
        HeadlessBrowser.requireInstalled();
        pipeline.addWindows(WINDOWS_OF_A_MONTH);
        try (PageServer server = PageServer.start(0, pipeline);
                HeadlessBrowser browser = HeadlessBrowser.open(server.address(), folder.resolve("profile"))) {
            awaitWindows(browser);
            browser.choose("#span", "0");
            watch(browser);
            long heapBefore = browser.usedHeapBytes();

            for (int round = 0; round < ROUNDS; round++) {
                watch(browser);
            }

            assertThat(browser.usedHeapBytes())
                    .as("bytes of the page's scripts")
                    .isLessThan(heapBefore * 5 / 4);
            assertThat(browser.count("*")).as("elements of the page").isLessThan(MAX_ELEMENTS);
            assertThat(browser.count("#map path.cell")).isEqualTo(CELLS);
            browser.press("#time", Keys.HOME);
            assertThat(browser.number("""
                    const slider = document.getElementById("time");
                    const start = performance.now();
                    slider.value = slider.max;
                    slider.dispatchEvent(new Event("input"));
                    return performance.now() - start;
                    """))
                    .as("milliseconds to show all windows together")
                    .isLessThan(MAX_ANSWER_MILLIS);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Tag("full")
    @Test
    void staysSmallAndFastAtFullSpeed() throws Exception {
        HeadlessBrowser.requireInstalled();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Thread replay = new Thread(
                () -> LocalPipeline.run(
                        Installation.ofThisClass(),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        "--speedup",
                        "0",
                        "--port",
                        "0",
                        "--no-browser"),
                "pipeline");
        replay.start();
        try (HeadlessBrowser browser = HeadlessBrowser.open(PageIT.awaitPage(out, replay), folder.resolve("profile"))) {
            browser.script("""
                    window.longestMillis = 0;
                    new PerformanceObserver(tasks => {
                      for (const task of tasks.getEntries()) {
                        window.longestMillis = Math.max(window.longestMillis, task.duration);
                      }
                    }).observe({ type: "longtask", buffered: true });
                    """);
            await().atMost(Duration.ofMinutes(10)).until(() -> windows(browser) >= HALF_A_DAY_OF_WINDOWS);
            long heapAtHalf = browser.usedHeapBytes();
            await().atMost(Duration.ofMinutes(10))
                    .until(() -> browser.text("#contact").equals("The replay has ended"));
            await().atMost(Duration.ofMinutes(1)).until(() -> windows(browser) >= MOST_OF_A_DAY_OF_WINDOWS);

            assertThat(browser.usedHeapBytes() - heapAtHalf)
                    .as("bytes that half a day of results adds")
                    .isLessThan(MAX_BYTES_OF_HALF_A_DAY);
            assertThat(browser.number("return window.longestMillis"))
                    .as("milliseconds in which the page did not answer")
                    .isLessThan(MAX_BUSY_ANSWER_MILLIS);
            assertThat(browser.count("*")).as("elements of the page").isLessThan(MAX_ELEMENTS);
            assertThat(browser.complaints()).isEmpty();
            assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        } finally {
            replay.interrupt();
            replay.join();
        }
    }

    private static long windows(HeadlessBrowser browser) {
        return browser.number("return Number(document.getElementById('time').max)") + 1;
    }

    /** Adds a window, and waits until the page shows it. */
    private void watch(HeadlessBrowser browser) {
        String before = browser.text("#window");
        pipeline.addWindows(WINDOWS_PER_STEP);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !browser.text("#window").equals(before));
    }

    private static void awaitWindows(HeadlessBrowser browser) {
        await().atMost(Duration.ofSeconds(60)).until(() -> windows(browser) == WINDOWS_OF_A_MONTH / WINDOWS_PER_STEP);
    }

    private static final class LoadedPipeline implements PipelineView {

        private static final String BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz";

        private final Timeline results = new Timeline();
        private final PipelineStatus status;
        private int windows;

        private LoadedPipeline() {
            EventLog events = new EventLog(Clock.systemUTC());
            for (int i = 0; i < 2 * EventLog.CAPACITY; i++) {
                events.add(Kind.FAULT, "fault " + i);
            }
            status = new PipelineStatus(events, 0, Clock.systemUTC());
            List<ShardHealth> shards = IntStream.range(0, LocalOptions.MAX_SHARDS)
                    .mapToObj(i -> new ShardHealth("shardId-%012d".formatted(i), true, OptionalLong.of(FIRST), i))
                    .toList();
            status.set(
                    new Health(
                            shards,
                            new Checkpoints(1, 0, 0, Optional.empty()),
                            0,
                            1,
                            OptionalLong.empty(),
                            OptionalLong.empty(),
                            OptionalLong.empty()),
                    Instant.now());
        }

        void addWindows(int count) {
            windows += count;
            Duration length = Timeline.stepFor(FIRST, FIRST + (windows - 1) * WINDOW_MILLIS);
            Map<Long, Step> steps = new HashMap<>();
            for (int window = 0; window < windows; window++) {
                long timestamp = FIRST + window * WINDOW_MILLIS;
                long start = Math.floorDiv(timestamp, length.toMillis()) * length.toMillis();
                steps.put(start, new Step(timestamp, CELLS, Map.of("JFK", new Trips(3, 100 + window % 50))));
            }
            results.update(length, steps);
        }

        private static String name(int cell) {
            return "dr5r" + BASE32.charAt(cell / 32) + BASE32.charAt(cell % 32);
        }

        @Override
        public String metrics() {
            return "";
        }

        @Override
        public JsonNode status() {
            return status.watched();
        }

        @Override
        public JsonNode timeline(long version, Optional<TimeRange> range) {
            return results.changedSince(version);
        }

        @Override
        public JsonNode map(long timestamp, int windows) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            ObjectNode cells = json.putObject("cells");
            for (int cell = 0; cell < CELLS; cell++) {
                cells.put(name(cell), 2 + (cell + timestamp / WINDOW_MILLIS) % 100);
            }
            json.putObject("durations");
            return json;
        }

        @Override
        public String scale(ScalingAction action, int shards) {
            throw new IllegalArgumentException("nothing is scaled here");
        }
    }
}
