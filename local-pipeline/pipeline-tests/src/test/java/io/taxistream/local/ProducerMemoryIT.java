package io.taxistream.local;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.taxistream.embeddedkinesis.EmbeddedKinesis;
import io.taxistream.local.services.LocalCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the shipped producer with too little memory. */
class ProducerMemoryIT {

    private static final String STREAM = "taxi-trips";

    /** Enough to start sending, but not for all the trips that may be in flight. */
    private static final String HEAP = "36m";

    private static final Duration TIMEOUT = Duration.ofMinutes(6);

    @TempDir
    private Path folder;

    @Test
    void outOfMemoryExitsWithOneLineAndLeavesNoProcess() throws Exception {
        Path trips = folder.resolve("trips.csv");
        TripFile.write(trips, 60_000, 4);
        try (EmbeddedKinesis kinesis = EmbeddedKinesis.builder()
                        .region(LocalCredentials.REGION)
                        .enforceLimits(true)
                        .start();
                var producer = new ShippedProducer(folder)) {
            kinesis.createStream(STREAM, 1);
            List<String> arguments = new ArrayList<>(List.of("-data", trips.toString(), "-speedup", "0"));
            arguments.addAll(ShippedProducer.into(kinesis, STREAM));
            Process process = producer.start("output", "log", producer.command(HEAP, arguments));
            Set<ProcessHandle> children = new HashSet<>();
            // One shard accepts a thousand records per second, and the trips waiting for it do not fit into memory.
            await().atMost(TIMEOUT).until(() -> {
                process.descendants().forEach(children::add);
                return !process.isAlive();
            });

            assertThat(process.waitFor(TIMEOUT.toMinutes(), MINUTES)).isTrue();
            assertThat(process.exitValue()).as(producer.read("log")).isEqualTo(1);
            assertThat(producer.lines("log").stream().filter(line -> !line.startsWith("progress ")))
                    .singleElement()
                    .asString()
                    .startsWith("out of memory: the heap of ");
            assertThat(children).as("it had started a process").isNotEmpty();
            await().atMost(TIMEOUT).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        }
    }
}
