package io.taxistream.producer.input;

/** Receives every record that is not an event to be sent, so that no record is dropped silently. */
public interface RejectListener {

    /**
     * Called when a record is left out.
     *
     * @param object key of the object
     * @param line line in the object, or row in a Parquet file, from 1
     * @param reason kind of fault
     * @param message description of the fault for the user
     */
    void rejected(String object, long line, RejectReason reason, String message);
}
