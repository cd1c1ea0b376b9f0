package io.taxistream.local.services;

import io.taxistream.eventtime.Part;
import io.taxistream.local.services.ResumableProducer.Launch;
import io.taxistream.local.status.ProducerProgress;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** The producers of a run, each of which reads the same input and sends its part of it. Thread-safe. */
public final class Producers implements AutoCloseable {

    private final List<ResumableProducer> parts;

    private Producers(List<ResumableProducer> parts) {
        this.parts = parts;
    }

    /**
     * Starts the producers.
     *
     * @param count number of parts
     * @param startsNow selects the parts to start now; the others are started later through {@link ResumableProducer#start}
     */
    public static Producers start(int count, Predicate<Part> startsNow, Launch launch) throws IOException {
        Producers producers = new Producers(IntStream.rangeClosed(1, count)
                .mapToObj(index -> new ResumableProducer(new Part(index, count), launch))
                .toList());
        try {
            for (ResumableProducer producer : producers.parts) {
                if (startsNow.test(producer.part())) {
                    producer.start();
                }
            }
        } catch (IOException | RuntimeException | Error e) {
            producers.close();
            throw e;
        }
        return producers;
    }

    /** Returns the producer of each part, in the order of the parts. */
    public List<ResumableProducer> parts() {
        return parts;
    }

    /** Whether all parts have ended, successfully or not. */
    public boolean haveEnded() {
        return parts.stream().allMatch(producer -> producer.exitCode().isPresent());
    }

    /** Whether any part is being sent now. If none is, some may not have started or may have been killed. */
    public boolean areRunning() {
        return parts.stream().anyMatch(ResumableProducer::isRunning);
    }

    /** Returns the combined progress of all parts. It is an estimate if a part was resumed, until all have ended. */
    public ProducerProgress progress() {
        ProducerProgress progress = ProducerProgress.ofAllParts(
                parts.stream().map(ResumableProducer::progress).toList());
        OptionalLong total = progress.total();
        boolean allSent =
                parts.stream().allMatch(producer -> producer.exitCode().orElse(1) == 0);
        return allSent && total.isPresent() && parts.stream().anyMatch(ResumableProducer::wasResumed)
                ? progress.withSent(total.getAsLong())
                : progress;
    }

    /** Ends all producers concurrently. */
    @Override
    public void close() {
        try {
            parts.forEach(ResumableProducer::requestEnd);
        } finally {
            parts.forEach(ResumableProducer::close);
        }
    }
}
