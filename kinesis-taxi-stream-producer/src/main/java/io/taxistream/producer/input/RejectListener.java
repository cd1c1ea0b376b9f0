package io.taxistream.producer.input;

/** Receives every record that is not an event to be sent, so that none is dropped in silence. */
public interface RejectListener {

    /**
     * A record was left out.
     *
     * @param object the key of the object that holds it
     * @param line its line in the object, or its row in a Parquet file, from 1
     * @param reason why it could not be read
     * @param message what exactly is wrong with it, for a person
     */
    void rejected(String object, long line, RejectReason reason, String message);
}
