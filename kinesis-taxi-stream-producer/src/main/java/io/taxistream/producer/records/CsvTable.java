package io.taxistream.producer.records;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.SingleLine;
import io.taxistream.producer.text.CsvNames;
import io.taxistream.producer.text.LineReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a CSV file, named by its header and typed by its first rows. A column is numeric or Boolean if all
 * values there are; otherwise it is text.
 */
final class CsvTable {

    private final char separator;
    private final String header;
    private final SerializableString[] names;
    private final CsvType[] types;

    private CsvTable(char separator, String header, List<String> names, CsvType[] types) {
        this.separator = separator;
        this.header = header;
        this.names = names.stream().map(SerializedString::new).toArray(SerializableString[]::new);
        this.types = types;
    }

    /**
     * Reads the header and infers the types from the beginning of a file.
     *
     * @param header first non-blank line
     * @param head beginning of the file; its last line may be incomplete
     * @param whole whether {@code head} is the whole file
     * @param object key of the object, for messages
     * @throws InputFailedException if a required field is missing or ambiguous
     */
    static CsvTable of(String header, byte[] head, boolean whole, RecordFields fields, String object)
            throws IOException {
        String seen = "its first line is '" + header + "'";
        for (char separator : CsvNames.separators()) {
            List<String> names = named(CsvNames.split(header, separator));
            if (names.contains(fields.time())) {
                FieldNames.require(fields.names(), names, seen, object);
                Set<String> different = new HashSet<>();
                for (String name : names) {
                    if (!different.add(name)) {
                        throw new InputFailedException(object + " has two columns named '" + SingleLine.of(name)
                                + "'; remove or rename one of them");
                    }
                }
                return new CsvTable(separator, header, names, types(header, head, whole, separator, names.size()));
            }
        }
        throw FieldNames.missing(fields.time(), seen, object);
    }

    char separator() {
        return separator;
    }

    /** Returns the number of columns. */
    int columns() {
        return names.length;
    }

    /** Returns whether a line repeats the header, as in concatenated files. */
    boolean isHeader(String line) {
        return line.strip().equals(header);
    }

    /** Writes a row as an object. */
    void write(CsvFields row, JsonGenerator out) throws IOException {
        out.writeStartObject();
        for (int i = 0; i < names.length; i++) {
            out.writeFieldName(names[i]);
            types[i].write(row.bytes(), row.start(i), row.length(i), out);
        }
        out.writeEndObject();
    }

    /** Returns the column names; an unnamed column, such as the index of pandas, is named by its position. */
    private static List<String> named(List<String> header) {
        String[] names = header.toArray(String[]::new);
        for (int i = 0; i < names.length; i++) {
            String name = names[i].strip();
            String bare = name.startsWith("\ufeff") ? name.substring(1) : name;
            names[i] = bare.isEmpty() ? "column" + (i + 1) : bare;
        }
        return List.of(names);
    }

    private static CsvType[] types(String header, byte[] head, boolean whole, char separator, int columns)
            throws IOException {
        @Nullable CsvType[] seen = new CsvType[columns];
        // A line that may be incomplete is not evidence.
        int end = head.length;
        while (!whole && end > 0 && head[end - 1] != '\n' && head[end - 1] != '\r') {
            end--;
        }
        var lines = new LineReader(new ByteArrayInputStream(head, 0, end), LineReader.MAX_RECORD_BYTES);
        var row = new CsvFields(separator);
        boolean afterHeader = false;
        while (lines.next()) {
            if (!afterHeader) {
                String line = new String(lines.buffer(), lines.start(), lines.length(), StandardCharsets.UTF_8);
                afterHeader = line.strip().equals(header);
            } else if (!lines.isBlank() && row.read(lines, columns)) {
                mergeTypes(row, seen);
            }
        }
        CsvType[] types = new CsvType[columns];
        Arrays.setAll(types, i -> seen[i] == null ? CsvType.TEXT : seen[i]);
        return types;
    }

    private static void mergeTypes(CsvFields row, @Nullable CsvType[] seen) {
        for (int i = 0; i < Math.min(seen.length, row.count()); i++) {
            int start = row.start(i);
            int length = row.length(i);
            if (!CsvType.isMissing(row.bytes(), start, length)) {
                CsvType type = CsvType.of(row.bytes(), start, length);
                seen[i] = seen[i] == null || seen[i] == type ? type : CsvType.TEXT;
            }
        }
    }
}
