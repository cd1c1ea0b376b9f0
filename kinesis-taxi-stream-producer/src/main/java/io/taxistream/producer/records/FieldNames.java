package io.taxistream.producer.records;

import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.SingleLine;
import java.util.Collection;

/** Checks that files have the fields named on the command line. */
final class FieldNames {

    private static final int SHOWN = 200;

    private FieldNames() {}

    /**
     * Rejects a file that lacks a field.
     *
     * @param seen description of the fields seen, for the message: "its first line is ..."
     * @param object key of the object, for the message
     */
    static void require(Collection<String> needed, Collection<String> names, String seen, String object) {
        for (String name : needed) {
            if (!names.contains(name)) {
                throw missing(name, seen, object);
            }
        }
    }

    static InputFailedException missing(String name, String seen, String object) {
        String shown = seen.length() <= SHOWN ? seen : seen.substring(0, SHOWN) + "...";
        return new InputFailedException(object + " has no field '" + SingleLine.of(name) + "': " + SingleLine.of(shown)
                + "; check the names in -timeField, -idField, -keyField and -adaptFields");
    }
}
