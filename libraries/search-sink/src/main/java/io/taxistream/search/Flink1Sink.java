package io.taxistream.search;

import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;

/**
 * Implements the method of {@link Sink} that Flink 1.20 declares but never calls on a sink that has the newer one, and whose
 * parameter type Flink 2 no longer has.
 *
 * <p>Java serialization looks at all methods of a serializable class and fails if a type among them is missing. It does
 * not look at those of a superclass that is not serializable, so that the same sink runs on both versions of Flink.
 *
 * @param <T> type of the elements
 */
public abstract class Flink1Sink<T> {

    /** For {@link SearchSink}. */
    Flink1Sink() {}

    /** Not supported: Flink calls the method with {@code WriterInitContext}. */
    @SuppressWarnings("deprecation")
    public SinkWriter<T> createWriter(Sink.InitContext context) {
        throw new UnsupportedOperationException("use createWriter(WriterInitContext)");
    }
}
