package io.taxistream.producer;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Ends the process in an orderly way: SIGTERM and Ctrl-C let the replay finish what it has begun, an error in any thread
 * ends it with one line, and the exit code is that of the replay.
 */
final class Termination {

    private static final int FAILED = 1;

    /** How long the main thread may take to release everything after another thread has failed. */
    private static final int PATIENCE_SECONDS = 20;

    private static final int RESERVE_BYTES = 1 << 18;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch failed = new CountDownLatch(1);
    private final Thread main = Thread.currentThread();
    private final PrintStream err;
    private volatile int status;
    private volatile boolean signalled;
    private Runnable stop = () -> {};
    private @Nullable Throwable untold;

    /** Given back when something fails: where the heap is full, even a line takes room. */
    @SuppressWarnings("unused") // it is there to take room
    private byte @Nullable [] reserve = new byte[RESERVE_BYTES];

    /**
     * Belongs to the thread that creates it, which is the one that is interrupted when another fails.
     *
     * @param err takes the line about an error
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
            // Started now: when something fails, there may be no memory for another thread.
            var watch = new Thread(termination::haltWhenStuck, "watch");
            watch.setDaemon(true);
            watch.start();
            termination.status = program.applyAsInt(termination);
        } catch (Throwable e) {
            termination.fail(e);
        } finally {
            if (termination.hasFailed()) {
                termination.status = FAILED;
                termination.tell();
            }
            termination.ended.countDown();
        }
        if (!termination.signalled) {
            System.exit(termination.status);
        }
    }

    /** Standard output as it is; {@code System.out} would swallow that it was closed. */
    static OutputStream standardOutput() {
        return new FileOutputStream(FileDescriptor.out);
    }

    /** Says how to stop what the program is doing; does it at once if the signal has come already. */
    synchronized void onSignal(Runnable action) {
        stop = action;
        if (signalled || hasFailed()) {
            action.run();
        }
    }

    /**
     * Ends the run because of an error in any thread: prints one line about the first, stops the replay and interrupts
     * whatever the main thread waits for.
     */
    void fail(Throwable error) {
        synchronized (this) {
            if (hasFailed()) {
                return;
            }
            failed.countDown();
            reserve = null;
            // First: whatever waits must not see that it is to stop, and be gone when the interrupt comes.
            if (Thread.currentThread() != main) {
                main.interrupt();
            }
            stop.run();
            untold = error;
        }
        tell();
    }

    /** Prints the line about the error, unless it is told already; once more at the end if there was no memory for it. */
    synchronized void tell() {
        if (untold == null) {
            return;
        }
        try {
            err.println(Failure.line(untold));
            untold = null;
        } catch (OutOfMemoryError e) {
            // There will be room when the main thread has released everything.
            reserve = null;
        }
    }

    /** Whether an error has ended the run; it has been told already. */
    boolean hasFailed() {
        return failed.getCount() == 0;
    }

    private void uncaught(Thread thread, Throwable error) {
        if (error instanceof Error) {
            fail(error);
        } else {
            err.println("thread " + thread.getName() + " has ended: "
                    + error.toString().lines().findFirst().orElse(""));
        }
    }

    private void haltWhenStuck() {
        try {
            failed.await();
            if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                tell();
                Runtime.getRuntime().halt(FAILED);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void shutDown() {
        synchronized (this) {
            // On an exit of our own there is nothing left to stop.
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
        // The exit code of a process that ends by a signal would be the signal's.
        Runtime.getRuntime().halt(status);
    }
}
