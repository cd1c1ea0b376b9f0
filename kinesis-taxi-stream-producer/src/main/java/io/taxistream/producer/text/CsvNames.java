package io.taxistream.producer.text;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.util.List;

/** Splits the first line of a CSV file into the names of its columns. */
public final class CsvNames {

    private static final char[] SEPARATORS = {',', '\t', ';', '|'};

    private CsvNames() {}

    /** Returns the supported separators in the order in which they are tried. */
    public static char[] separators() {
        return SEPARATORS.clone();
    }

    /** Returns the fields of a header without their quotes. */
    public static List<String> split(String line, char separator) {
        if (line.indexOf('"') >= 0) {
            try {
                return CsvReader.builder()
                        .fieldSeparator(separator)
                        .trimWhitespacesAroundQuotes(true)
                        .ofSingleCsvRecord(line)
                        .getFields();
            } catch (CsvParseException e) {
                // Quotes that are invalid with this separator are ordinary characters.
                return List.of(line);
            }
        }
        return List.of(line.split(String.valueOf(separator == '|' ? "\\|" : separator), -1));
    }
}
