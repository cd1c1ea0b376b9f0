package io.taxistream.search;

import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;

/**
 * Implements a method of {@link Sink} that Flink 1.20 declares but never calls if the sink has the newer one. Flink 2 has
 * removed the type of its parameter.
 *
 * <p>Java serialization inspects all methods of a serializable class and fails if one of their types is missing. It does not
 * inspect a superclass that is not serializable, so the same sink works with both versions of Flink.
 *
 * @param <T> type of the elements
 */
public abstract class Flink1Sink<T> {

    /** Accessible to {@link SearchSink} only. */
    Flink1Sink() {}

    /** Unsupported: Flink calls the method with {@code WriterInitContext}. */
    @SuppressWarnings("deprecation")
    public SinkWriter<T> createWriter(Sink.InitContext context) {
        throw new UnsupportedOperationException("use createWriter(WriterInitContext)");
    }
}
