package io.taxistream.producer.kinesis;

/** Sends records into a stream, each to the shard that its partition key hashes to, in no particular order. */
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

    /** Sends a record; does not wait for it to arrive, and tells failures to the receipt only. */
    void send(String partitionKey, byte[] data, Receipt receipt);

    /** Makes records that wait for company leave at once. */
    void flush();

    /** Gives up what is still on its way. */
    @Override
    void close();
}
