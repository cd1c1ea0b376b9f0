package io.taxistream.search;

import java.io.Serializable;

/** Where documents go that the search engine refuses for good. */
sealed interface DeadLetters extends Serializable {

    /**
     * Into an index of the same engine.
     *
     * @param suffix added to the name of the document's index
     */
    record ToIndex(String suffix) implements DeadLetters {}

    /**
     * Into files.
     *
     * @param folder as of {@link DeadLetterFolder}
     */
    record ToFolder(String folder) implements DeadLetters {}
}
