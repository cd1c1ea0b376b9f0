package io.taxistream.producer.kinesis;

/** Sends records into a stream, in no particular order. */
interface RecordSender extends AutoCloseable {

    /** Is told what became of a record, by any thread, once. */
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
         * @param reason why, for a person
         * @param failedAttempts attempts that failed
         * @param hopeless whether another attempt will fail likewise, such as for want of a permission
         */
        void failed(String reason, int failedAttempts, boolean hopeless);
    }

    /**
     * Sends a record; does not wait for it to arrive, and tells failures to the receipt only.
     *
     * @param hashKey says to which shard; {@code null} for the one that the partition key hashes to
     */
    void send(String partitionKey, String hashKey, byte[] data, Receipt receipt);

    /** Makes records leave that have waited long enough for company; to be called every few dozen milliseconds. */
    void tick();

    /** Makes records that wait for company leave at once. */
    void flush();

    /** Gives up what is still on its way. */
    @Override
    void close();
}
