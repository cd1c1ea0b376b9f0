package io.taxistream.producer.reading;

import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.InputObject;
import io.taxistream.producer.input.SingleLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Inspects the beginning of every object before the first event is returned, so that a run with unsuitable input is
 * rejected as a whole instead of failing halfway.
 */
final class ObjectCheck {

    /** Number of concurrent requests to S3, so that checking hundreds of objects takes only seconds. */
    private static final int THREADS = 16;

    private static final int NAMES_SHOWN = 10;

    private final RecordFormats<?> formats;
    private final String records;

    /**
     * @param records plural noun for the expected records, such as {@code trips}
     */
    ObjectCheck(RecordFormats<?> formats, String records) {
        this.formats = formats;
        this.records = records;
    }

    /**
     * @throws InputFailedException if an object does not hold such events; the message names all such objects
     */
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

    private String message(InputFailedException first, List<String> keys, int objects) {
        if (keys.size() == 1) {
            return "1 of " + objects
                    + " files does not contain " + records
                    + ", so nothing was sent; move it elsewhere or name the others: "
                    + first.getMessage();
        }
        String more = keys.size() > NAMES_SHOWN ? ", ..." : "";
        return keys.size() + " of " + objects + " files do not contain " + records
                + ", so nothing was sent; move them elsewhere or name the others: "
                + SingleLine.of(String.join(", ", keys.subList(0, Math.min(keys.size(), NAMES_SHOWN))))
                + more + "; " + first.getMessage();
    }

    private @Nullable InputFailedException failure(InputObject object) {
        try {
            RecordReaders.check(object, formats);
            return null;
        } catch (InputFailedException e) {
            return e;
        } catch (IOException e) {
            // Damaged objects are read up to the damage, which is reported then.
            return null;
        }
    }
}
