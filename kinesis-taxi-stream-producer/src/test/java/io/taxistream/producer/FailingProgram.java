package io.taxistream.producer;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A program in which a thread runs out of memory; tests run it in a separate process. */
final class FailingProgram {

    enum Place {
        MAIN,
        THREAD,
        EXECUTOR
    }

    private FailingProgram() {}

    public static void main(String[] args) {
        Termination.exitWith(termination -> run(Place.valueOf(args[0])));
    }

    private static int run(Place place) {
        // Not a daemon, so it would keep the process alive.
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            executor.execute(() -> {
                if (place == Place.EXECUTOR) {
                    throw new OutOfMemoryError("Java heap space");
                }
            });
            switch (place) {
                case MAIN -> throw new OutOfMemoryError("Java heap space");
                case THREAD ->
                    new Thread(() -> {
                                throw new OutOfMemoryError("Java heap space");
                            })
                            .start();
                case EXECUTOR -> {
                    // throws the error
                }
            }
            new CountDownLatch(1).await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        } finally {
            System.err.println("released");
        }
    }
}
