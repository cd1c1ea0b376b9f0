package io.taxistream.eventtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShutdownTest {

    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final ExecutorService executor = Executors.newSingleThreadExecutor();

    @AfterEach
    void finishWork() {
        released.countDown();
    }

    @Test
    void waitsForUninterruptibleWorkEvenIfInterrupted() throws InterruptedException {
        givenWorkThatCannotBeInterrupted();
        Thread waiting = Thread.currentThread();
        Thread interrupting = new Thread(() -> {
            waiting.interrupt();
            released.countDown();
        });
        interrupting.start();

        Shutdown.await(executor, "worker");

        assertThat(Thread.interrupted()).as("the interruption is kept").isTrue();
        assertThat(executor.isTerminated()).isTrue();
    }

    @Test
    void stopsWaitingAfterTheTimeout() throws InterruptedException {
        givenWorkThatCannotBeInterrupted();

        Shutdown.await(executor, "worker", Duration.ofMillis(20));

        assertThat(executor.isTerminated()).isFalse();
    }

    private void givenWorkThatCannotBeInterrupted() throws InterruptedException {
        executor.execute(() -> {
            started.countDown();
            while (released.getCount() > 0) {
                LockSupport.parkNanos(1_000_000);
            }
        });
        started.await();
        executor.shutdownNow();
    }
}
