package io.taxistream.local;

import io.taxistream.search.SearchDocument;
import io.taxistream.search.SearchSink;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.function.SerializableFunction;

/** Runs jobs that store documents, without restarts after a failure. */
final class SinkJob {

    private SinkJob() {}

    /** Stores a document for each number from 0, with two parallel writers, and returns when all are stored or dead letters. */
    static void store(
            int documents, SerializableFunction<Long, SearchDocument> document, SearchSink.Builder<SearchDocument> sink)
            throws Exception {
        StreamExecutionEnvironment env = environment();
        env.fromSequence(0, documents - 1)
                .map(document::apply)
                .returns(SearchDocument.class)
                .sinkTo(sink.documents(each -> each).build());
        env.execute();
    }

    /** Stores the documents in this order, with one writer. */
    static void store(List<SearchDocument> documents, SearchSink.Builder<SearchDocument> sink) throws Exception {
        StreamExecutionEnvironment env = environment().setParallelism(1);
        env.fromData(SearchDocument.class, documents.toArray(SearchDocument[]::new))
                .sinkTo(sink.documents(each -> each).build());
        env.execute();
    }

    /** Creates an environment with frequent checkpoints and no restarts. */
    static StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(
                2, new Configuration().set(RestartStrategyOptions.RESTART_STRATEGY, "none"));
        env.enableCheckpointing(1_000);
        return env;
    }
}
