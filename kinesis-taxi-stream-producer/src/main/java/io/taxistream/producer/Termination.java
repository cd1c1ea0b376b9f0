package io.taxistream.producer;

import io.taxistream.commandline.Printable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Ends the process in an orderly way. On SIGTERM and Ctrl-C the replay sees its in-flight events arrive; an error in
 * any thread ends the process with one line; the exit code is that of the replay.
 */
final class Termination {

    private static final int FAILED = 1;

    /** How long the main thread may take to release resources after another thread has failed. */
    private static final int SHUTDOWN_TIMEOUT_SECONDS = 20;

    private static final int RESERVE_BYTES = 1 << 18;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch failed = new CountDownLatch(1);
    private final Thread main = Thread.currentThread();
    private final PrintStream err;
    private volatile int status;
    private volatile boolean signalled;
    private Runnable stop = () -> {};
    private @Nullable Throwable unprintedError;

    /** Memory released on failure, because even printing a line needs some when the heap is full. */
    @SuppressWarnings("unused") // only reserves memory
    private byte @Nullable [] reserve = new byte[RESERVE_BYTES];

    /**
     * Creates the handler for the current thread, which is interrupted if another thread fails.
     *
     * @param err receives the error message
     */
    Termination(PrintStream err) {
        this.err = err;
    }

    /** Runs the program and exits with the code that it returns. */
    static void exitWith(ToIntFunction<Termination> program) {
        var termination = new Termination(System.err);
        Runtime.getRuntime().addShutdownHook(new Thread(termination::shutDown, "shutdown"));
        Thread.setDefaultUncaughtExceptionHandler(termination::uncaught);
        try {
            // Started now, because there may be no memory for another thread after a failure.
            var watch = new Thread(termination::haltOnTimeout, "watch");
            watch.setDaemon(true);
            watch.start();
            termination.status = program.applyAsInt(termination);
        } catch (Throwable e) {
            termination.fail(e);
        } finally {
            if (termination.hasFailed()) {
                termination.status = FAILED;
                termination.printError();
            }
            termination.ended.countDown();
        }
        if (!termination.signalled) {
            System.exit(termination.status);
        }
    }

    /** Returns unwrapped standard output; {@code System.out} would hide that it was closed. */
    static OutputStream standardOutput() {
        return new FileOutputStream(FileDescriptor.out);
    }

    /** Sets the action that stops the program on a signal; runs it immediately if a signal has already arrived. */
    synchronized void onSignal(Runnable action) {
        stop = action;
        if (signalled || hasFailed()) {
            action.run();
        }
    }

    /**
     * Ends the run because of an error in any thread: prints one line for the first error, stops the replay and
     * interrupts the main thread.
     */
    void fail(Throwable error) {
        synchronized (this) {
            if (hasFailed()) {
                return;
            }
            failed.countDown();
            reserve = null;
            // Interrupt first: after the stop, the main thread could leave its wait before the interrupt arrives.
            if (Thread.currentThread() != main) {
                main.interrupt();
            }
            stop.run();
            unprintedError = error;
        }
        printError();
    }

    /** Ends the run if an error, such as exhausted memory, has caused an exception. */
    void failOnErrorIn(Throwable exception) {
        for (Throwable cause = exception.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof Error) {
                fail(cause);
                return;
            }
        }
    }

    /**
     * Prints the error message unless it has been printed. Called a second time at the end, in case memory was short.
     */
    synchronized void printError() {
        if (unprintedError == null) {
            return;
        }
        try {
            err.println(Printable.of(Failure.line(unprintedError)));
            unprintedError = null;
        } catch (OutOfMemoryError e) {
            // Memory will be available once the main thread has released its resources.
            reserve = null;
        }
    }

    /** Returns whether an error has ended the run; it has been reported by then. */
    boolean hasFailed() {
        return failed.getCount() == 0;
    }

    private void uncaught(Thread thread, Throwable error) {
        if (error instanceof Error) {
            fail(error);
        } else {
            err.println(Printable.of("thread " + thread.getName() + " terminated: "
                    + error.toString().lines().findFirst().orElse("")));
        }
    }

    private void haltOnTimeout() {
        try {
            failed.await();
            if (!ended.await(SHUTDOWN_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                printError();
                Runtime.getRuntime().halt(FAILED);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void shutDown() {
        synchronized (this) {
            // On a regular exit there is nothing left to stop.
            if (ended.getCount() == 0) {
                return;
            }
            signalled = true;
            stop.run();
        }
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // The exit code of a process that is ended by a signal would be the signal's.
        Runtime.getRuntime().halt(status);
    }
}
