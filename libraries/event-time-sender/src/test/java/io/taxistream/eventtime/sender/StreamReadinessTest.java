package io.taxistream.eventtime.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How long a sender waits for its stream when it starts. */
class StreamReadinessTest {

    private static final Duration GIVE_UP_AFTER = Duration.ofMinutes(2);

    private final FakeTime time = new FakeTime();

    /** Attempts that take longer than a call may, as those of a process that gets no CPU. */
    @Test
    void attemptsOfAProcessWithoutCpuDoNotCountInFull() {
        UnreachableStream stream = new UnreachableStream(Duration.ofSeconds(15), 4);

        EventSenderBuilder.awaitReady(stream, "trips", GIVE_UP_AFTER, time);

        assertThat(stream.attempts).isEqualTo(5);
        assertThat(Duration.ofNanos(time.nanoTime())).isGreaterThan(Duration.ofSeconds(60));
    }

    @Test
    void unreachableStreamIsReportedAfterTenSeconds() {
        UnreachableStream stream = new UnreachableStream(Duration.ofMillis(100), Integer.MAX_VALUE);
        long start = time.nanoTime();

        assertThatThrownBy(() -> EventSenderBuilder.awaitReady(stream, "trips", GIVE_UP_AFTER, time))
                .isInstanceOf(SenderFailedException.class)
                .hasMessage("connection refused");

        assertThat(Duration.ofNanos(time.nanoTime() - start)).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11));
    }

    /** A stream that cannot be reached at first. */
    private final class UnreachableStream implements StreamClient {

        private final Duration attemptTime;
        private final int failures;
        private int attempts;

        UnreachableStream(Duration attemptTime, int failures) {
            this.attemptTime = attemptTime;
            this.failures = failures;
        }

        @Override
        public CompletableFuture<List<OpenShard>> openShards() {
            attempts++;
            time.sleep(attemptTime.toNanos());
            return attempts > failures
                    ? CompletableFuture.completedFuture(List.of(new OpenShard("shard", BigInteger.ZERO)))
                    : CompletableFuture.failedFuture(new ConnectException("connection refused"));
        }

        @Override
        public List<CompletableFuture<String>> put(List<BigInteger> hashKeys, byte[] data) {
            throw new AssertionError("nothing is sent");
        }

        @Override
        public void close() {
            // nothing was opened
        }
    }
}
