package io.taxistream.producer.trips;

import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.text.CsvNames;
import io.taxistream.producer.text.WallClockTimes;
import java.time.DateTimeException;
import java.time.ZoneOffset;
import java.util.List;

/**
 * The header of a CSV file: its separator and the meaning of its columns.
 *
 * @param separator first of comma, tab, semicolon and bar with which the header names the columns of a trip
 */
record CsvHeader(char separator, TripLayout layout) {

    /**
     * Parses a header.
     *
     * @param object key of the object, for the message
     * @throws InputFailedException if a column that a trip needs is missing
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

    /** Returns whether a line repeats this header, as in concatenated files. */
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
