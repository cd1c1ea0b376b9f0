package io.taxistream.producer.trips;

import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.SingleLine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Maps the columns of a file to the fields of a trip, by the names in its header or schema.
 *
 * <p>Knows the names of every TLC file, CSV and Parquet, with coordinates (yellow 2009 to 2016-06, green 2013-08 to
 * 2016-06) and with zone ids (from 2016-07 on, and in Parquet from 2011 on). Names are trimmed and compared regardless
 * of case; other columns are ignored.
 */
final class TripLayout {

    /** Meaning of a column. */
    enum Column {
        PICKUP_TIME("pickup_datetime|tpep_pickup_datetime|lpep_pickup_datetime|trip_pickup_datetime"),
        DROPOFF_TIME("dropoff_datetime|tpep_dropoff_datetime|lpep_dropoff_datetime|trip_dropoff_datetime"),
        PICKUP_LAT("pickup_latitude|pickup_lat|start_lat"),
        PICKUP_LON("pickup_longitude|pickup_lon|start_lon"),
        DROPOFF_LAT("dropoff_latitude|dropoff_lat|end_lat"),
        DROPOFF_LON("dropoff_longitude|dropoff_lon|end_lon"),
        PICKUP_ZONE("pulocationid|pickup_location_id"),
        DROPOFF_ZONE("dolocationid|dropoff_location_id"),
        TOTAL_AMOUNT("total_amount|total_amt"),
        TRIP_ID("trip_id"),
        /** A column that is not used. */
        OTHER("");

        /** Lower-case names separated by bars. */
        private final String names;

        Column(String names) {
            this.names = names;
        }

        /** Returns the accepted names, separated by bars. */
        String accepted() {
            return names;
        }

        /** Returns the meaning of a column name, which is trimmed and compared regardless of case. */
        static Column named(String name) {
            return BY_NAME.getOrDefault(normalized(name), OTHER);
        }
    }

    private static final Map<String, Column> BY_NAME = columnsByName();

    private static final Set<Column> TIMES = Set.of(Column.PICKUP_TIME, Column.DROPOFF_TIME);

    private static final Set<Column> COORDINATES =
            Set.of(Column.PICKUP_LAT, Column.PICKUP_LON, Column.DROPOFF_LAT, Column.DROPOFF_LON);

    private static final Set<Column> ZONES = Set.of(Column.PICKUP_ZONE, Column.DROPOFF_ZONE);

    /** Columns that occur only in the TLC's files of for-hire vehicles. */
    private static final Set<String> FOR_HIRE = Set.of(
            "dispatching_base_num",
            "dispatching_base_number",
            "originating_base_num",
            "affiliated_base_num",
            "affiliated_base_number",
            "hvfhs_license_num",
            "sr_flag",
            "shared_request_flag",
            "shared_match_flag",
            "base_passenger_fare",
            "driver_pay");

    private static final int SHOWN_HEADER = 200;

    private final Column[] columns;
    private final Map<Column, String> namesInHeader;
    private final boolean zones;

    private TripLayout(Column[] columns, Map<Column, String> namesInHeader, boolean zones) {
        this.columns = columns;
        this.namesInHeader = namesInHeader;
        this.zones = zones;
    }

    /**
     * Returns the layout of a file.
     *
     * @param names names of the columns
     * @param object key of the object, for the message
     * @throws InputFailedException if a column that a trip needs is missing or ambiguous
     */
    static TripLayout of(List<String> names, String object) {
        return of(names, "its columns are '" + String.join(",", names) + "'", object);
    }

    /**
     * Returns the layout of a file.
     *
     * @param names names of the columns
     * @param seen description of the names seen, for the message: "its first line is ..."
     * @param object key of the object, for the message
     * @throws InputFailedException if a column that a trip needs is missing or ambiguous
     */
    static TripLayout of(List<String> names, String seen, String object) {
        requireTaxis(names, object);
        Column[] columns = new Column[names.size()];
        var namesInHeader = new EnumMap<Column, String>(Column.class);
        for (int i = 0; i < columns.length; i++) {
            columns[i] = Column.named(names.get(i));
            String name = names.get(i).strip();
            String other = columns[i] == Column.OTHER ? null : namesInHeader.putIfAbsent(columns[i], name);
            if (other != null) {
                throw new InputFailedException(object + " has two columns for the same value, '" + SingleLine.of(other)
                        + "' and '" + SingleLine.of(name) + "'; remove or rename one of them");
            }
        }
        if (!isTrip(namesInHeader.keySet())) {
            throw new InputFailedException(unknownLayout(seen, object));
        }
        // Coordinates are more precise if a file has both.
        boolean zones = !namesInHeader.keySet().containsAll(COORDINATES);
        Set<Column> unused = zones ? COORDINATES : ZONES;
        for (int i = 0; i < columns.length; i++) {
            if (unused.contains(columns[i])) {
                columns[i] = Column.OTHER;
            }
        }
        return new TripLayout(columns, namesInHeader, zones);
    }

    /** Returns whether columns provide what a trip needs: its times, and its locations as coordinates or zones. */
    static boolean isTrip(Collection<Column> columns) {
        return columns.containsAll(TIMES) && (columns.containsAll(COORDINATES) || columns.containsAll(ZONES));
    }

    /** Returns whether names are those of trip columns, or of similar TLC files. */
    static boolean isKnown(Collection<String> names) {
        return names.stream().anyMatch(TripLayout::isForHire)
                || isTrip(names.stream().map(Column::named).toList());
    }

    /**
     * Rejects trips of for-hire vehicles.
     *
     * @param object key of the object, for the message
     * @throws InputFailedException if one of the names occurs only in files of for-hire vehicles
     */
    static void requireTaxis(Collection<String> names, String object) {
        names.stream().filter(TripLayout::isForHire).findFirst().ifPresent(name -> {
            throw new InputFailedException(object + " holds trips of for-hire vehicles (it has the column "
                    + name.strip() + "), which are not supported; use files of yellow or green taxis");
        });
    }

    /**
     * Returns the message for a file whose columns are not those of trips.
     *
     * @param seen description of its content: "its first line is ..."
     */
    static String unknownLayout(String seen, String object) {
        String shown = seen.length() <= SHOWN_HEADER ? seen : seen.substring(0, SHOWN_HEADER) + "...";
        return object + " has an unknown layout: " + SingleLine.of(shown)
                + "; a trip file must hold JSON, or start with a header that names " + namesOf(TIMES)
                + ", and either " + namesOf(COORDINATES) + " or " + namesOf(ZONES);
    }

    /** Returns the meanings of the columns in file order. */
    Column[] columns() {
        return columns.clone();
    }

    /** Returns the index of a column, or -1 if the file does not have it. */
    int indexOf(Column column) {
        return Arrays.asList(columns).indexOf(column);
    }

    /** Returns whether trips name taxi zones instead of coordinates. */
    boolean zones() {
        return zones;
    }

    /** Returns the name of a column as spelled in the header. */
    String nameOf(Column column) {
        return namesInHeader.getOrDefault(column, column.name().toLowerCase(Locale.ROOT));
    }

    private static boolean isForHire(String name) {
        return FOR_HIRE.contains(normalized(name));
    }

    private static String normalized(String name) {
        String text = name.strip();
        // A byte order mark remains where files were concatenated.
        String bare = text.startsWith("\ufeff") ? text.substring(1) : text;
        return bare.toLowerCase(Locale.ROOT);
    }

    private static Map<String, Column> columnsByName() {
        Map<String, Column> columns = new HashMap<>();
        for (Column column : Column.values()) {
            for (String name : column.names.split("\\|", -1)) {
                if (!name.isEmpty()) {
                    columns.put(name, column);
                }
            }
        }
        return Map.copyOf(columns);
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
