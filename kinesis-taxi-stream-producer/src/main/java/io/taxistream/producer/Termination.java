package io.taxistream.producer;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.function.ToIntFunction;

/**
 * Ends the process in an orderly way: SIGTERM and Ctrl-C let the replay finish what it has begun, and the exit code is
 * that of the replay.
 */
final class Termination {

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile int status;
    private volatile boolean signalled;
    private Runnable stop = () -> {};

    /** Runs the program and exits with the code that it returns. */
    static void exitWith(ToIntFunction<Termination> program) {
        var termination = new Termination();
        Runtime.getRuntime().addShutdownHook(new Thread(termination::shutDown, "shutdown"));
        try {
            termination.status = program.applyAsInt(termination);
        } catch (RuntimeException e) {
            System.err.println("the producer failed unexpectedly: " + e);
            termination.status = 1;
        } finally {
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
        if (signalled) {
            action.run();
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
