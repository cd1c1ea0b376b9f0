package io.taxistream.eventtime.source;

import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;

/**
 * Converts the bytes of a user record to any number of elements, with their timestamps, and watermarks.
 *
 * <p>Records aggregated by the Kinesis Producer Library are unpacked before they are passed to the deserializer. A record may
 * occur more than once, because a producer's retry may write it twice; deduplication has to rely on the content of records.
 *
 * @param <T> type of the elements
 */
public interface RecordDeserializer<T> extends Serializable, ResultTypeQueryable<T> {

    /**
     * Initializes the deserializer. Called once in each reader, before the first record.
     *
     * @throws Exception to fail the job
     */
    default void open(DeserializationSchema.InitializationContext context) throws Exception {}

    /**
     * Deserializes the user record in {@code bytes[offset..offset+length)}, which must not be modified.
     *
     * @throws IOException to fail the job; to skip a record instead, count it and return
     */
    void deserialize(byte[] bytes, int offset, int length, RecordOutput<T> output) throws IOException;

    /**
     * Receives the content of a user record.
     *
     * @param <T> type of the elements
     */
    interface RecordOutput<T> {

        /** Emits an element with its event time in milliseconds since the epoch. */
        void collect(T element, long timestampMillis);

        /** Emits an element without an event time. */
        void collect(T element);

        /**
         * Emits the watermark of a stream with a single sender: the shard contains no further elements with a timestamp at or
         * before it.
         *
         * @param watermarkMillis milliseconds since the epoch
         * @return false for an implausible watermark, see {@link #watermark(int, int, long, boolean)}
         */
        default boolean watermark(long watermarkMillis) {
            return watermark(1, 1, watermarkMillis, false);
        }

        /**
         * Emits the watermark of one of several senders: it sends no further elements with a timestamp at or before it.
         * The highest watermark of a part counts. The watermark of the shard is the minimum over the parts that have not ended.
         *
         * @param part from 1 to {@code parts}
         * @param parts number of senders, at most {@value io.taxistream.eventtime.Part#MAX_COUNT}
         * @param watermarkMillis milliseconds since the epoch
         * @param ended whether the part has sent its last element
         * @return false for an implausible watermark, which was counted and ignored; treat the record as malformed. See {@link
         *     KinesisSource.Builder#maxWatermarkAdvance}
         * @throws IllegalArgumentException if the part is not in this range
         */
        boolean watermark(int part, int parts, long watermarkMillis, boolean ended);

        /** Returns the origin of the record. */
        RecordContext record();

        /**
         * Returns the watermark of the record's shard in milliseconds since the epoch; {@link Long#MIN_VALUE} before the first.
         *
         * <p>It depends only on the content of the stream, not on the progress of other shards or on restarts, so a record that
         * is late by this watermark is late in every run.
         */
        long currentWatermark();
    }
}
