package io.taxistream.producer.trips;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import io.taxistream.producer.input.InputFailedException;
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

    private static final char[] SEPARATORS = {',', '\t', ';', '|'};

    /**
     * Reads a header.
     *
     * @param object the key of the object, for the message
     * @throws InputFailedException if the columns that a trip needs are not all there
     */
    static CsvHeader of(String line, String object) {
        String seen = "its first line is '" + line + "'";
        for (char separator : SEPARATORS) {
            List<String> names = split(line, separator);
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
        return TripLayout.isKnown(split(line, separator));
    }

    private static List<String> split(String line, char separator) {
        if (line.indexOf('"') >= 0) {
            try {
                return CsvReader.builder()
                        .fieldSeparator(separator)
                        .trimWhitespacesAroundQuotes(true)
                        .ofSingleCsvRecord(line)
                        .getFields();
            } catch (CsvParseException e) {
                // Quotes that make no sense with this separator are characters like any other.
                return List.of(line);
            }
        }
        return List.of(line.split(String.valueOf(separator == '|' ? "\\|" : separator), -1));
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
