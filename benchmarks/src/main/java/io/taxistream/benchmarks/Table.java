package io.taxistream.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A Markdown table that is also legible in a terminal: text is aligned left, numbers right. */
final class Table {

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... header) {
        rows.add(List.of(header));
    }

    void add(String... row) {
        rows.add(List.of(row));
    }

    static String count(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    static String tenths(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    @Override
    public String toString() {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < rows.size(); row++) {
            for (int column = 0; column < columns; column++) {
                String format = (column == 0 ? "| %" : " %") + (isText(column) ? "-" : "") + widths[column] + "s |";
                text.append(String.format(Locale.ROOT, format, rows.get(row).get(column)));
            }
            text.append('\n');
            if (row == 0) {
                for (int column = 0; column < columns; column++) {
                    text.append(column == 0 ? "| " : " ")
                            .append("-".repeat(widths[column] - 1))
                            .append(isText(column) ? "- |" : ": |");
                }
                text.append('\n');
            }
        }
        return text.toString();
    }

    private boolean isText(int column) {
        return column == 0
                || rows.stream()
                        .skip(1)
                        .anyMatch(row -> Character.isLetter(row.get(column).charAt(0)));
    }
}
