package io.taxistream.local.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import io.taxistream.local.page.PageServer;
import io.taxistream.local.page.PipelineView;
import io.taxistream.local.page.ScalingAction;
import io.taxistream.local.page.TimeRange;
import io.taxistream.local.page.Timeline;
import io.taxistream.local.services.FlinkService;
import io.taxistream.local.services.LocalPipelineException;
import io.taxistream.local.status.PipelineStatus;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.util.Optional;

/** The page of a run: it shows the status from the start, and results and buttons once their data source is connected. */
final class LivePage implements AutoCloseable, PipelineView {

    private static final Timeline NO_RESULTS = new Timeline();

    private final PipelineStatus status;
    private final PageServer server;
    private volatile Optional<ResultFeed> results = Optional.empty();
    private volatile Optional<Scaling> scaling = Optional.empty();

    private LivePage(int port, PipelineStatus status) throws IOException {
        this.status = status;
        this.server = PageServer.start(port, this);
    }

    /**
     * Starts serving the page.
     *
     * @param port 0 for any free port
     * @throws LocalPipelineException if the port is in use, or is privileged
     */
    static LivePage open(int port, PipelineStatus status) throws IOException, LocalPipelineException {
        try {
            return new LivePage(port, status);
        } catch (BindException e) {
            throw new LocalPipelineException(
                    "--port " + port + ": the page cannot be served on this port (" + e.getMessage()
                            + "); choose another port, or 0 for any free port",
                    e);
        }
    }

    /** Shows results and enables the buttons. */
    void connect(ResultFeed newResults, Scaling newScaling) {
        results = Optional.of(newResults);
        scaling = Optional.of(newScaling);
    }

    URI address() {
        return server.address();
    }

    @Override
    public String metrics() {
        return FlinkService.metrics();
    }

    @Override
    public JsonNode status() {
        return status.watched();
    }

    @Override
    public JsonNode timeline(long version, Optional<TimeRange> range) throws IOException {
        return results.isEmpty()
                ? NO_RESULTS.changedSince(version)
                : results.get().timeline(version, range);
    }

    @Override
    public JsonNode map(long timestamp, int windows) throws IOException {
        return results.orElseThrow(() -> new IOException("it is still starting"))
                .map(timestamp, windows);
    }

    @Override
    public String scale(ScalingAction action, int shards) throws IOException, InterruptedException {
        return scaling.orElseThrow(() -> new IllegalArgumentException("the pipeline is still starting"))
                .execute(action, shards);
    }

    @Override
    public void close() {
        server.close();
    }
}
