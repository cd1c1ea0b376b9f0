package io.taxistream.processor;

import io.taxistream.search.SearchDocument;
import java.net.URI;
import org.apache.flink.api.common.serialization.Encoder;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;

/**
 * Writes documents as JSON lines, in one folder per hour of processing time. Files become final at checkpoints and hold
 * each record exactly once.
 */
final class RejectedFiles {

    private RejectedFiles() {}

    static Sink<SearchDocument> in(URI folder) {
        Encoder<SearchDocument> lines = (document, out) -> {
            out.write(document.source());
            out.write('\n');
        };
        return FileSink.forRowFormat(new Path(folder), lines)
                .withRollingPolicy(OnCheckpointRollingPolicy.build())
                .withOutputFileConfig(OutputFileConfig.builder()
                        .withPartPrefix("rejected")
                        .withPartSuffix(".ndjson")
                        .build())
                .build();
    }
}
