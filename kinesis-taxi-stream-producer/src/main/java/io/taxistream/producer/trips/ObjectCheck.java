package io.taxistream.producer.trips;

import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.OneLine;
import java.io.IOException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the beginning of objects before the first of their trips is handed on: a run whose input holds something else
 * than trips is refused as a whole, and not broken off half way.
 */
final class ObjectCheck {

    /** Requests to S3 at a time: hundreds of objects take seconds then. */
    private static final int THREADS = 16;

    private static final int NAMES_SHOWN = 10;

    private final ZoneId zone;

    ObjectCheck(ZoneId zone) {
        this.zone = zone;
    }

    /** @throws InputFailedException if an object does not hold trips; the message names all that do not */
    void check(List<InputObject> objects) {
        List<InputFailedException> failures = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        ExecutorService executor = Executors.newFixedThreadPool(Math.min(THREADS, objects.size()));
        try {
            List<Future<InputFailedException>> checks = new ArrayList<>();
            for (InputObject object : objects) {
                checks.add(executor.submit(() -> failure(object)));
            }
            for (int i = 0; i < checks.size(); i++) {
                InputFailedException failure = checks.get(i).get();
                if (failure != null) {
                    failures.add(failure);
                    keys.add(objects.get(i).key());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InputFailedException("reading was interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            executor.shutdownNow();
        }
        if (!failures.isEmpty()) {
            InputFailedException first = failures.get(0);
            throw objects.size() == 1 ? first : new InputFailedException(message(first, keys, objects.size()), first);
        }
    }

    private static String message(InputFailedException first, List<String> keys, int objects) {
        if (keys.size() == 1) {
            return "one of " + objects
                    + " files does not hold trips, so nothing was sent; move it elsewhere or name the" + " others: "
                    + first.getMessage();
        }
        String more = keys.size() > NAMES_SHOWN ? ", ..." : "";
        return keys.size() + " of " + objects + " files do not hold trips, so nothing was sent; move them elsewhere or"
                + " name the others: "
                + OneLine.of(String.join(", ", keys.subList(0, Math.min(keys.size(), NAMES_SHOWN))))
                + more + "; " + first.getMessage();
    }

    private @Nullable InputFailedException failure(InputObject object) {
        try {
            TripReaders.check(object, zone);
            return null;
        } catch (InputFailedException e) {
            return e;
        } catch (IOException e) {
            // Damaged: read as far as it goes, and reported then.
            return null;
        }
    }
}
