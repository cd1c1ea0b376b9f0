package io.taxistream.eventtime.sender;

import org.jspecify.annotations.Nullable;

/** Sends records into a stream, in no particular order. */
interface RecordSender extends AutoCloseable {

    /** Learns what became of a record, from any thread, once; or never, if the record was lost in an interruption. */
    interface Receipt {

        /**
         * The record is in the stream.
         *
         * @param failedAttempts attempts that failed before
         */
        void acknowledged(int failedAttempts);

        /**
         * The record has been given up; it may be in the stream all the same.
         *
         * @param reason one line
         * @param failedAttempts attempts that failed
         * @param hopeless whether another attempt will fail likewise, such as for want of a permission
         */
        void failed(String reason, int failedAttempts, boolean hopeless);
    }

    /**
     * Sends a record; does not wait for it to arrive, and reports failures to the receipt only.
     *
     * @param hashKey decimal number that says to which shard; {@code null} for the one that the partition key hashes to
     */
    void send(String partitionKey, @Nullable String hashKey, byte[] data, Receipt receipt);

    /** Makes records leave that have waited long enough for company; to be called every few dozen milliseconds. */
    void tick();

    /** Makes records that wait for company leave at once. */
    void flush();

    /**
     * Number of times so far that the sender was interrupted, such as by the death of a process that it needs. Receipts of records
     * sent before, or within moments, may be lost.
     */
    int interruptions();

    /** Gives up whatever has not been acknowledged. */
    @Override
    void close();
}
