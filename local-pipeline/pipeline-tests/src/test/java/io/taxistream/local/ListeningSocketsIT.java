package io.taxistream.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.taxistream.local.ListeningSockets.Listener;
import io.taxistream.local.launcher.LocalOptions;
import io.taxistream.local.launcher.PipelineRun;
import io.taxistream.local.launcher.RunExtension;
import io.taxistream.local.launcher.RunSettings;
import io.taxistream.local.launcher.RunningPipeline;
import io.taxistream.local.services.Installation;
import io.taxistream.local.services.LocalCredentials;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A local run is unreachable from the network: every socket of each of its processes listens on the loopback address. */
@EnabledOnOs(OS.LINUX)
class ListeningSocketsIT {

    @TempDir
    private Path folder;

    @Test
    void everyProcessOfARunListensOnLoopbackOnly() throws Exception {
        LocalCredentials.setSystemProperties();
        Path trips = folder.resolve("trips.csv");
        TripFile.write(trips, 2_000, 1);
        LocalOptions options = LocalOptions.parse("--data", trips.toString(), "--once", "--port", "0")
                .orElseThrow();
        ListenersOfARun listeners = new ListenersOfARun();

        new PipelineRun(
                        Installation.ofThisClass(),
                        options,
                        RunSettings.DEFAULT,
                        listeners,
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                        line -> {})
                .run();

        assertThat(listeners.ports).as("ports of the services").containsAll(listeners.servicePorts);
        assertThat(listeners.pids).as("the launcher and OpenSearch").hasSizeGreaterThanOrEqualTo(2);
        assertThat(listeners.seen)
                .allSatisfy(
                        listener -> assertThat(listener.address().getAddress().isLoopbackAddress())
                                .as("%s is on loopback", listener)
                                .isTrue());
    }

    @Test
    void detectsASocketOnAllInterfaces() throws IOException {
        try (ServerSocket open = new ServerSocket(0)) {
            assertThat(ListeningSockets.ofThisProcessAndItsDescendants())
                    .filteredOn(listener -> listener.address().getPort() == open.getLocalPort())
                    .singleElement()
                    .matches(listener -> !listener.address().getAddress().isLoopbackAddress())
                    .extracting(Listener::pid)
                    .isEqualTo(ProcessHandle.current().pid());
        }
    }

    /** Samples the listening sockets from the start of the replay to its end. */
    private static final class ListenersOfARun implements RunExtension {

        private final Set<Listener> seen = ConcurrentHashMap.newKeySet();
        private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
        private final Set<Long> pids = ConcurrentHashMap.newKeySet();
        private final Set<Integer> servicePorts = ConcurrentHashMap.newKeySet();

        @Override
        public void replayStarted(RunningPipeline pipeline) {
            servicePorts.add(pipeline.stream().httpEndpoint().getPort());
            servicePorts.add(pipeline.stream().httpsEndpoint().getPort());
            servicePorts.add(pipeline.flink().webPage().getPort());
            sample();
        }

        @Override
        public boolean isFinished() {
            sample();
            return true;
        }

        @Override
        public void inputRead() {
            sample();
        }

        private void sample() {
            try {
                for (Listener listener : ListeningSockets.ofThisProcessAndItsDescendants()) {
                    InetSocketAddress address = listener.address();
                    seen.add(listener);
                    ports.add(address.getPort());
                    pids.add(listener.pid());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
