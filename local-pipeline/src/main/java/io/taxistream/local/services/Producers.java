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
     * @param startsNow the parts to start now; the others start when they are told to
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

    /** The producer of each part, in the order of the parts. */
    public List<ResumableProducer> parts() {
        return parts;
    }

    /** Whether each part has ended, for better or worse. */
    public boolean haveEnded() {
        return parts.stream().allMatch(producer -> producer.exitCode().isPresent());
    }

    /** Whether a part is being sent right now; if none is, others may not have started or may have been killed. */
    public boolean areRunning() {
        return parts.stream().anyMatch(ResumableProducer::isRunning);
    }

    /** How far all parts together have come. Exact when all have ended, an estimate once a part was resumed. */
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

    /** Ends all producers; they end at the same time, so that it takes no longer than for one. */
    @Override
    public void close() {
        try {
            parts.forEach(ResumableProducer::requestEnd);
        } finally {
            parts.forEach(ResumableProducer::close);
        }
    }
}
