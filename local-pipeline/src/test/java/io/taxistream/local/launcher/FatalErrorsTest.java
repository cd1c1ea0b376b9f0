package io.taxistream.local.launcher;

import static org.apache.flink.util.FlinkUserCodeClassLoader.NOOP_EXCEPTION_HANDLER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taxistream.local.services.LocalPipelineException;
import java.io.IOException;
import java.lang.Thread.UncaughtExceptionHandler;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.util.ChildFirstClassLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FatalErrorsTest {

    private final UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    private final FatalErrors errors = new FatalErrors(line -> {});

    @BeforeEach
    void takeOver() {
        errors.takeOver();
    }

    @AfterEach
    void cleanUp() {
        errors.close();
        assertThat(Thread.getDefaultUncaughtExceptionHandler()).isSameAs(before);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void errorInAnyThreadInterruptsTheRunAndNamesTheRemedy() throws Exception {
        new Thread(() -> {
                    throw new OutOfMemoryError("Java heap space");
                })
                .start();

        assertThatThrownBy(() -> new CountDownLatch(1).await(1, TimeUnit.MINUTES))
                .isInstanceOf(InterruptedException.class);
        assertThatThrownBy(errors::throwIfAny)
                .isInstanceOf(LocalPipelineException.class)
                .hasMessageStartingWith(
                        "out of memory: enlarge the launcher's heap (TAXI_STREAM_HEAP=2g ./run-local.sh)");
    }

    @Test
    void reportsTheFirstError() {
        errors.report("the stream failed", new NoClassDefFoundError("Missing"));
        errors.report("the page failed", new StackOverflowError());

        assertThat(errors.first()).contains("internal error: the stream failed: NoClassDefFoundError: Missing");
    }

    @Test
    void exceptionInAThreadDoesNotEndTheRun() throws Exception {
        Thread thread = new Thread(() -> {
            throw new IllegalStateException("only this thread");
        });
        thread.start();
        thread.join();

        errors.throwIfAny();
        assertThat(errors.first()).isEmpty();
    }

    @Test
    void threadOfAJobWhoseClassesAreClosedDoesNotEndTheRun() throws Exception {
        try (URLClassLoader ofJob = new ChildFirstClassLoader(
                new URL[0], getClass().getClassLoader(), new String[0], NOOP_EXCEPTION_HANDLER)) {
            Thread thread = new Thread(() -> {
                throw new NoClassDefFoundError("ClosedWithTheJob");
            });
            thread.setContextClassLoader(ofJob);
            thread.start();
            thread.join();
        }

        errors.throwIfAny();
        assertThat(errors.first()).isEmpty();
    }

    @Test
    void eachExhaustedResourceHasARemedy() {
        assertThat(FatalErrors.line("", new OutOfMemoryError("unable to create native thread: possibly out of memory")))
                .contains("ulimit -u");
        assertThat(FatalErrors.line(
                        "", new ExecutionException(new IOException("write failed: No space left on device"))))
                .contains("TMPDIR");
        assertThat(FatalErrors.line("", new IOException("Too many open files"))).contains("ulimit -n");
    }
}
