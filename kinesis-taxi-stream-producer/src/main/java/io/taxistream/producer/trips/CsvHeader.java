package io.taxistream.producer.trips;

import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.text.CsvNames;
import io.taxistream.producer.text.WallClockTimes;
import java.time.DateTimeException;
import java.time.ZoneOffset;
import java.util.List;

/**
 * The header of a CSV file: what separates its fields, and which column holds what.
 *
 * @param separator the first of comma, tab, semicolon and bar with which the header names the columns of a trip
 */
record CsvHeader(char separator, TripLayout layout) {

    /**
     * Reads a header.
     *
     * @param object the key of the object, for the message
     * @throws InputFailedException if the columns that a trip needs are not all there
     */
    static CsvHeader of(String line, String object) {
        String seen = "its first line is '" + line + "'";
        for (char separator : CsvNames.separators()) {
            List<String> names = CsvNames.split(line, separator);
            if (TripLayout.isKnown(names)) {
                return new CsvHeader(separator, TripLayout.of(names, seen, object));
            }
            if (names.stream().anyMatch(CsvHeader::isTime)) {
                throw new InputFailedException(TripLayout.unknownLayout("it has no header, " + seen, object));
            }
        }
        throw new InputFailedException(TripLayout.unknownLayout(seen, object));
    }

    /** Whether a line of a file with this header is a header itself, as where files were joined. */
    boolean isRepeatedBy(String line) {
        return TripLayout.isKnown(CsvNames.split(line, separator));
    }

    private static boolean isTime(String field) {
        char[] text = field.strip().toCharArray();
        try {
            new WallClockTimes(ZoneOffset.UTC).parseMillis(text, 0, text.length);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }
}
