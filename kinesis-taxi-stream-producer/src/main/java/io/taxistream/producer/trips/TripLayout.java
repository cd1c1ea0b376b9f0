package io.taxistream.producer.trips;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which column of a file holds what, told from the names in its header or schema.
 *
 * <p>Knows the names of every TLC file, CSV and Parquet, with coordinates (yellow 2009 to 2016-06, green 2013-08 to
 * 2016-06) and with zone ids (2016-07 on, and Parquet from 2011 on). Names are compared trimmed, without quotes and without regard to case; columns of other names are
 * left out.
 */
final class TripLayout {

    /** What a column holds. */
    enum Column {
        PICKUP_TIME("pickup_datetime|tpep_pickup_datetime|lpep_pickup_datetime|trip_pickup_datetime"),
        DROPOFF_TIME("dropoff_datetime|tpep_dropoff_datetime|lpep_dropoff_datetime|trip_dropoff_datetime"),
        PICKUP_LAT("pickup_latitude|pickup_lat|start_lat"),
        PICKUP_LON("pickup_longitude|pickup_lon|start_lon"),
        DROPOFF_LAT("dropoff_latitude|dropoff_lat|end_lat"),
        DROPOFF_LON("dropoff_longitude|dropoff_lon|end_lon"),
        PICKUP_ZONE("pulocationid"),
        DROPOFF_ZONE("dolocationid"),
        TOTAL_AMOUNT("total_amount|total_amt"),
        TRIP_ID("trip_id"),
        /** A column that no trip needs. */
        OTHER("");

        /** In lower case, separated by bars. */
        private final String names;

        Column(String names) {
            this.names = names;
        }

        private static Column named(String name) {
            for (Column column : values()) {
                if (!name.isEmpty() && ("|" + column.names + "|").contains("|" + name + "|")) {
                    return column;
                }
            }
            return OTHER;
        }
    }

    private static final Set<Column> TIMES = Set.of(Column.PICKUP_TIME, Column.DROPOFF_TIME);

    private static final Set<Column> COORDINATES =
            Set.of(Column.PICKUP_LAT, Column.PICKUP_LON, Column.DROPOFF_LAT, Column.DROPOFF_LON);

    private static final Set<Column> ZONES = Set.of(Column.PICKUP_ZONE, Column.DROPOFF_ZONE);

    private final Column[] columns;
    private final Map<Column, String> namesInHeader;
    private final boolean zones;

    private TripLayout(Column[] columns, Map<Column, String> namesInHeader, boolean zones) {
        this.columns = columns;
        this.namesInHeader = namesInHeader;
        this.zones = zones;
    }

    /**
     * The layout that the header of a CSV file names.
     *
     * @param object the key of the object, for the message
     * @throws InputFailedException if the columns that a trip needs are not all there
     */
    static TripLayout of(String header, String object) {
        return of(header.split(",", -1), "its first line is", header, object);
    }

    /**
     * The layout that the columns of a Parquet file name.
     *
     * @param object the key of the object, for the message
     * @throws InputFailedException if the columns that a trip needs are not all there
     */
    static TripLayout of(List<String> names, String object) {
        return of(names.toArray(String[]::new), "its columns are", String.join(",", names), object);
    }

    private static TripLayout of(String[] names, String where, String header, String object) {
        Column[] columns = new Column[names.length];
        var namesInHeader = new EnumMap<Column, String>(Column.class);
        for (int i = 0; i < names.length; i++) {
            String name = unquoted(names[i].strip());
            Column column = Column.named(name.toLowerCase(Locale.ROOT));
            boolean first = column == Column.OTHER || namesInHeader.putIfAbsent(column, name) == null;
            columns[i] = first ? column : Column.OTHER;
        }
        boolean withCoordinates = namesInHeader.keySet().containsAll(COORDINATES);
        boolean withZones = namesInHeader.keySet().containsAll(ZONES);
        if (!namesInHeader.keySet().containsAll(TIMES) || (!withCoordinates && !withZones)) {
            throw new InputFailedException(unknownLayout(where, header, object));
        }
        // Where a file has both, the coordinates say more.
        boolean zones = !withCoordinates;
        Set<Column> unused = zones ? COORDINATES : ZONES;
        for (int i = 0; i < columns.length; i++) {
            if (unused.contains(columns[i])) {
                columns[i] = Column.OTHER;
            }
        }
        return new TripLayout(columns, namesInHeader, zones);
    }

    /** What the columns hold, in their order. */
    Column[] columns() {
        return columns.clone();
    }

    /** Where a column is, from 0; -1 if no column holds that. */
    int indexOf(Column column) {
        return Arrays.asList(columns).indexOf(column);
    }

    /** Whether trips name taxi zones instead of coordinates. */
    boolean zones() {
        return zones;
    }

    /** The name of a column as the header spells it. */
    String nameOf(Column column) {
        return namesInHeader.getOrDefault(column, column.name().toLowerCase(Locale.ROOT));
    }

    private static String unquoted(String name) {
        boolean quoted = name.length() >= 2 && name.startsWith("\"") && name.endsWith("\"");
        return quoted ? name.substring(1, name.length() - 1).strip() : name;
    }

    private static String unknownLayout(String where, String header, String object) {
        String shown = header.length() <= 200 ? header : header.substring(0, 200) + "...";
        return object + " has an unknown layout: " + where + " '" + OneLine.of(shown)
                + "'; a trip file begins with { (JSON lines) or names its columns, "
                + namesOf(TIMES) + ", and either " + namesOf(COORDINATES) + " or " + namesOf(ZONES);
    }

    private static String namesOf(Collection<Column> columns) {
        List<String> names = new ArrayList<>();
        for (Column column : Column.values()) {
            if (columns.contains(column)) {
                names.add(column.names);
            }
        }
        return String.join(" ", names);
    }
}
