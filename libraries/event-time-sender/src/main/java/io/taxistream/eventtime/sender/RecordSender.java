package io.taxistream.eventtime.sender;

import org.jspecify.annotations.Nullable;

/** Sends records to a stream, in no particular order. */
interface RecordSender extends AutoCloseable {

    /** Receives the outcome of a record, at most once and on any thread; never, if the outcome was lost in an interruption. */
    interface Receipt {

        /**
         * The record is in the stream.
         *
         * @param failedAttempts number of failed attempts before
         */
        void acknowledged(int failedAttempts);

        /**
         * The record was given up. It may still be in the stream.
         *
         * @param reason one line
         * @param failedAttempts number of failed attempts
         * @param permanent whether retrying is pointless, for example because a permission is missing
         */
        void failed(String reason, int failedAttempts, boolean permanent);
    }

    /**
     * Sends a record without waiting for its arrival. Failures are reported to the receipt only.
     *
     * @param hashKey decimal number that selects the shard; {@code null} for the hash of the partition key
     */
    void send(String partitionKey, @Nullable String hashKey, byte[] data, Receipt receipt);

    /** Sends records that have waited long enough for others. Must be called every few dozen milliseconds. */
    void tick();

    /** Sends all waiting records immediately. */
    void flush();

    /**
     * Returns the number of interruptions so far, such as crashes of a required process. Receipts of records sent before or
     * shortly after an interruption may be lost.
     */
    int interruptions();

    /** Gives up all unacknowledged records. */
    @Override
    void close();
}
