package io.taxistream.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.search.SearchClient.Reply;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.function.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One writer with the default options, in simulated time: a run takes no time and goes the same way each time. */
class SearchSinkSimulationTest {

    private static final long BULK_MILLIS = 40;
    private static final int DOCUMENTS = 20_000;

    private final World world = new World();
    private final Engine engine = new Engine();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void recoversFromThrottlingWithinSecondsAndFewRequests(long seed) throws Exception {
        long stormMillis = 5_000;
        engine.refusesUntilMillis = stormMillis;

        store(DOCUMENTS, seed);

        assertThat(engine.stored).hasSize(DOCUMENTS);
        assertThat(engine.requests).isLessThanOrEqualTo(60);
        assertThat(world.nowMillis).isBetween(stormMillis, stormMillis + 4_500);
    }

    @Test
    void requestsAreFullWithoutThrottling() throws Exception {
        store(DOCUMENTS, 1);

        assertThat(engine.stored).hasSize(DOCUMENTS);
        assertThat(engine.requests).isEqualTo(DOCUMENTS / SearchSink.DEFAULT_BULK_ACTIONS);
    }

    @Test
    void pollsAnUnavailableEngineEveryFewSeconds() throws Exception {
        long awayMillis = 300_000;
        engine.refusesUntilMillis = awayMillis;

        store(DOCUMENTS, 1);

        assertThat(engine.stored).hasSize(DOCUMENTS);
        assertThat(engine.requests).isBetween(150, 300 + 60);
        assertThat(world.nowMillis).isLessThan(awayMillis + 4_500);
    }

    /** Windows that close every 10 s, 417 ms and 93 ms, at a speed-up of 60, 1440 and 6480. */
    @ParameterizedTest
    @ValueSource(longs = {10_000, 417, 93})
    void rareWindowsAreSentImmediatelyAndFrequentOnesInBatches(long windowMillis) throws Exception {
        var writer = writer(1);
        int windows = (int) (30_000 / windowMillis);

        for (int window = 0; window < windows; window++) {
            world.runUntil(window * windowMillis);
            for (int i = 0; i < 10; i++) {
                writer.write(window * 10 + i, null);
            }
            writer.writeWatermark(new Watermark(window));
        }
        writer.flush(true);

        assertThat(engine.stored).hasSize(windows * 10);
        if (windowMillis > 400) {
            assertThat(engine.requests).isEqualTo(windows);
        } else {
            // one a second, as without watermarks, and three before the windows were known to be many
            assertThat(engine.requests).isLessThanOrEqualTo(30 + 3 + 1);
        }
    }

    private void store(int documents, long seed) throws Exception {
        var writer = writer(seed);
        for (int number = 0; number < documents; number++) {
            writer.write(number, null);
        }
        writer.flush(true);
    }

    private SearchSinkWriter<Integer> writer(long seed) {
        return new SearchSinkWriter<>(
                number -> SearchDocument.of("counts", "" + number, "{\"number\":" + number + "}"),
                SearchSink.<Integer>builder()
                        .endpoint(URI.create("http://localhost:9200"))
                        .compressed(false)
                        .options(),
                engine,
                world,
                world,
                UnregisteredMetricsGroup.createSinkWriterMetricGroup(),
                new Random(seed)::nextDouble);
    }

    /** Takes any number of requests at once, and each in the same time. */
    private final class Engine implements BulkClient {

        private final Set<String> stored = new HashSet<>();
        private long refusesUntilMillis;
        private int requests;

        @Override
        public void bulk(byte[] body, boolean compressed, BiConsumer<Reply, Exception> callback) {
            requests++;
            Reply reply = world.nowMillis < refusesUntilMillis
                    ? new Reply(503, new byte[0])
                    : new Reply(200, store(body).getBytes(StandardCharsets.UTF_8));
            var unused = world.registerTimer(world.nowMillis + BULK_MILLIS, instant -> callback.accept(reply, null));
        }

        private String store(byte[] body) {
            List<String> items = new ArrayList<>();
            for (String line : new String(body, StandardCharsets.UTF_8).lines().toList()) {
                if (line.startsWith("{\"index\"")) {
                    String id = line.replaceAll(".*\"_id\":\"(\\d+)\".*", "$1");
                    stored.add(id);
                    items.add("{\"index\":{\"_id\":\"" + id + "\",\"status\":201}}");
                }
            }
            return "{\"items\":[" + String.join(",", items) + "]}";
        }

        @Override
        public void close() {}
    }

    /** Time, timers and the task's mails. Time passes while the task waits for a mail. */
    private static final class World implements MailboxExecutor, ProcessingTimeService {

        private final PriorityQueue<Timer> timers = new PriorityQueue<>(Comparator.comparing(Timer::millis));
        private final Queue<ThrowingRunnable<? extends Exception>> mails = new ArrayDeque<>();
        private long nowMillis;

        private record Timer(long millis, ProcessingTimeCallback action, Handle handle) {}

        private static final class Handle extends CompletableFuture<Void> implements ScheduledFuture<Void> {

            @Override
            public long getDelay(TimeUnit unit) {
                throw new UnsupportedOperationException();
            }

            @Override
            public int compareTo(Delayed other) {
                throw new UnsupportedOperationException();
            }
        }

        void runUntil(long millis) throws Exception {
            while (!timers.isEmpty() && timers.peek().millis() <= millis) {
                fireNextTimer();
                while (tryYield()) {}
            }
            nowMillis = millis;
        }

        private void fireNextTimer() {
            Timer timer = timers.remove();
            if (!timer.handle().isCancelled()) {
                nowMillis = Math.max(nowMillis, timer.millis());
                try {
                    timer.action().onProcessingTime(nowMillis);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public void yield() {
            if (!tryYield()) {
                fireNextTimer();
                if (nowMillis > Duration.ofHours(1).toMillis()) {
                    throw new IllegalStateException("the writer does not stop waiting");
                }
            }
        }

        @Override
        public boolean tryYield() {
            if (mails.isEmpty()) {
                return false;
            }
            try {
                mails.remove().run();
            } catch (Exception e) {
                throw new FlinkRuntimeException(e);
            }
            return true;
        }

        @Override
        public void execute(
                MailOptions options,
                ThrowingRunnable<? extends Exception> mail,
                String description,
                Object... arguments) {
            mails.add(mail);
        }

        @Override
        public boolean shouldInterrupt() {
            return false;
        }

        @Override
        public long getCurrentProcessingTime() {
            return nowMillis;
        }

        @Override
        public ScheduledFuture<?> registerTimer(long millis, ProcessingTimeCallback action) {
            Timer timer = new Timer(millis, action, new Handle());
            timers.add(timer);
            return timer.handle();
        }
    }
}
