package io.taxistream.eventtime.source;

import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;

/**
 * Turns the bytes of one user record into any number of elements, their timestamps, and watermarks.
 *
 * <p>It is given user records as the producer handed them in: records that the Kinesis Producer Library aggregated have
 * been taken apart before. A record may come more than once, as Kinesis delivers what a producer's retry wrote twice;
 * whoever counts has to tell records apart by what they contain.
 *
 * @param <T> type of the elements
 */
public interface RecordDeserializer<T> extends Serializable, ResultTypeQueryable<T> {

    /**
     * Called once in each reader, before the first record.
     *
     * @throws Exception to fail the job
     */
    default void open(DeserializationSchema.InitializationContext context) throws Exception {}

    /**
     * Reads the user record in {@code bytes[offset..offset+length)}, which must not be changed.
     *
     * @throws IOException to fail the job; a record to be left out is counted and passed over instead
     */
    void deserialize(byte[] bytes, int offset, int length, RecordOutput<T> output) throws IOException;

    /**
     * Takes what one user record contains.
     *
     * @param <T> type of the elements
     */
    interface RecordOutput<T> {

        /** Emits an element with its event time, in milliseconds since the epoch. */
        void collect(T element, long timestampMillis);

        /** Emits an element that has no event time. */
        void collect(T element);

        /**
         * Says that the record's shard contains no more elements with a timestamp up to and including this one: the watermark
         * of a stream that has a single sender.
         *
         * @param watermarkMillis milliseconds since the epoch
         * @return false for an implausible watermark, as for {@link #watermark(int, int, long, boolean)}
         */
        default boolean watermark(long watermarkMillis) {
            return watermark(1, 1, watermarkMillis, false);
        }

        /**
         * Says that one of the stream's senders sends no more elements with a timestamp up to and including this one; of two
         * watermarks of a part the higher one counts. The shard's watermark is the smallest of all parts that have not ended.
         *
         * @param part from 1 to {@code parts}
         * @param parts number of senders, at most {@value io.taxistream.eventtime.Part#MAX_COUNT}
         * @param watermarkMillis milliseconds since the epoch
         * @param ended whether this part sends no more elements at all
         * @return false for a watermark that is implausible, and was counted and ignored: the record is malformed. See
         *     {@link KinesisSource.Builder#maxWatermarkAdvance}
         * @throws IllegalArgumentException if there is no such part
         */
        boolean watermark(int part, int parts, long watermarkMillis, boolean ended);

        /** Where the record comes from. */
        RecordContext record();

        /**
         * The record's shard's watermark, milliseconds since the epoch; {@link Long#MIN_VALUE} before the first.
         *
         * <p>It depends on the stream alone, not on how far the job is with other shards, or on whether it has just been
         * restored: so what is late by it is late in every run.
         */
        long currentWatermark();
    }
}
