package io.taxistream.local.launcher;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.local.launcher.ConcurrentStarts.Starting;
import io.taxistream.local.services.LocalPipelineException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ConcurrentStartsTest {

    private final ConcurrentStarts starts = new ConcurrentStarts();
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void close() throws IOException {
        starts.close();
    }

    @Test
    void startsRunBesideEachOtherAndMayWaitForOthers() throws Exception {
        CountDownLatch secondRuns = new CountDownLatch(1);
        Starting<String> first = starts.begin(() -> {
            secondRuns.await();
            return "first";
        });
        Starting<String> second = starts.begin(() -> {
            secondRuns.countDown();
            return first.await() + ", second";
        });

        starts.awaitAll();

        assertThat(second.await()).isEqualTo("first, second");
    }

    @Test
    void firstFailureEndsTheWaitThoughOthersAreStillStarting() {
        starts.begin(() -> {
            never.await();
            return "never";
        });
        Starting<String> failing = starts.begin(() -> {
            throw new LocalPipelineException("no trips");
        });
        starts.begin(() -> failing.await() + " is needed");

        assertThatThrownBy(starts::awaitAll)
                .isInstanceOf(LocalPipelineException.class)
                .hasMessage("no trips");
    }

    @Test
    void errorsArePassedOn() {
        starts.begin(() -> {
            throw new OutOfMemoryError("Java heap space");
        });

        assertThatThrownBy(starts::awaitAll).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void closeInterruptsStartsAndWaitsForTheirEnd() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        starts.begin(() -> {
            begun.countDown();
            try {
                never.await();
            } finally {
                interrupted.countDown();
            }
            return "never";
        });
        assertThat(begun.await(20, SECONDS)).isTrue();

        starts.close();

        assertThat(interrupted.getCount()).isZero();
        assertThatThrownBy(starts::awaitAll).isInstanceOf(InterruptedException.class);
    }
}
