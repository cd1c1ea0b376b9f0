package io.taxistream.search;

import java.io.Serializable;

/** Destination of permanently rejected documents. */
sealed interface DeadLetters extends Serializable {

    /**
     * An index of the same engine.
     *
     * @param suffix appended to the name of the document's index
     */
    record ToIndex(String suffix) implements DeadLetters {}

    /**
     * Files in a folder.
     *
     * @param folder see {@link DeadLetterFolder}
     */
    record ToFolder(String folder) implements DeadLetters {}
}
