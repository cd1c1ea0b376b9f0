package io.taxistream.producer.trips;

import io.taxistream.producer.input.InputFailedException;
import io.taxistream.producer.input.OneLine;
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
 * Which column of a file holds what, told from the names in its header or schema.
 *
 * <p>Knows the names of every TLC file, CSV and Parquet, with coordinates (yellow 2009 to 2016-06, green 2013-08 to
 * 2016-06) and with zone ids (2016-07 on, and Parquet from 2011 on). Names are compared trimmed and without regard to
 * case; columns of other names are left out.
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
        PICKUP_ZONE("pulocationid|pickup_location_id"),
        DROPOFF_ZONE("dolocationid|dropoff_location_id"),
        TOTAL_AMOUNT("total_amount|total_amt"),
        TRIP_ID("trip_id"),
        /** A column that no trip needs. */
        OTHER("");

        /** In lower case, separated by bars. */
        private final String names;

        Column(String names) {
            this.names = names;
        }

        /** What a column of this name holds; the name is compared trimmed and without regard to case. */
        static Column named(String name) {
            return BY_NAME.getOrDefault(normalized(name), OTHER);
        }
    }

    private static final Map<String, Column> BY_NAME = columnsByName();

    private static final Set<Column> TIMES = Set.of(Column.PICKUP_TIME, Column.DROPOFF_TIME);

    private static final Set<Column> COORDINATES =
            Set.of(Column.PICKUP_LAT, Column.PICKUP_LON, Column.DROPOFF_LAT, Column.DROPOFF_LON);

    private static final Set<Column> ZONES = Set.of(Column.PICKUP_ZONE, Column.DROPOFF_ZONE);

    /** Columns that only the TLC's files of for-hire vehicles have. */
    private static final Set<String> FOR_HIRE =
            Set.of("dispatching_base_num", "dispatching_base_number", "hvfhs_license_num", "affiliated_base_number");

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
     * The layout that the columns of a file name.
     *
     * @param object the key of the object, for the message
     * @throws InputFailedException if the columns that a trip needs are not all there, or more than one could be meant
     */
    static TripLayout of(List<String> names, String object) {
        return of(names, "its columns are '" + String.join(",", names) + "'", object);
    }

    /**
     * The layout that the columns of a file name.
     *
     * @param seen what was seen of the names, for the message: "its first line is ..."
     * @param object the key of the object, for the message
     * @throws InputFailedException if the columns that a trip needs are not all there, or more than one could be meant
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
                throw new InputFailedException(object + " has two columns for the same value, '" + OneLine.of(other)
                        + "' and '" + OneLine.of(name) + "'; remove or rename one of them");
            }
        }
        if (!isTrip(namesInHeader.keySet())) {
            throw new InputFailedException(unknownLayout(seen, object));
        }
        // Where a file has both, the coordinates say more.
        boolean zones = !namesInHeader.keySet().containsAll(COORDINATES);
        Set<Column> unused = zones ? COORDINATES : ZONES;
        for (int i = 0; i < columns.length; i++) {
            if (unused.contains(columns[i])) {
                columns[i] = Column.OTHER;
            }
        }
        return new TripLayout(columns, namesInHeader, zones);
    }

    /** Whether columns hold what a trip needs: its times, and its places as coordinates or as zones. */
    static boolean isTrip(Collection<Column> columns) {
        return columns.containsAll(TIMES) && (columns.containsAll(COORDINATES) || columns.containsAll(ZONES));
    }

    /** Whether names are those of the columns of trips, or of the TLC's other files that look like them. */
    static boolean isKnown(Collection<String> names) {
        return names.stream().anyMatch(TripLayout::isForHire)
                || isTrip(names.stream().map(Column::named).toList());
    }

    /**
     * Refuses trips of for-hire vehicles.
     *
     * @param object the key of the object, for the message
     * @throws InputFailedException if only they have a column of one of these names
     */
    static void requireTaxis(Collection<String> names, String object) {
        names.stream().filter(TripLayout::isForHire).findFirst().ifPresent(name -> {
            throw new InputFailedException(object + " holds trips of for-hire vehicles (it has a column " + name.strip()
                    + "), which are not replayed; name files of yellow or green taxis");
        });
    }

    /**
     * Says that the columns of a file are not those of trips.
     *
     * @param seen what was seen of its content: "its first line is ..."
     */
    static String unknownLayout(String seen, String object) {
        String shown = seen.length() <= SHOWN_HEADER ? seen : seen.substring(0, SHOWN_HEADER) + "...";
        return object + " has an unknown layout: " + OneLine.of(shown)
                + "; a trip file holds JSON or begins with the names of its columns, " + namesOf(TIMES)
                + ", and either " + namesOf(COORDINATES) + " or " + namesOf(ZONES);
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

    private static boolean isForHire(String name) {
        return FOR_HIRE.contains(normalized(name));
    }

    private static String normalized(String name) {
        String text = name.strip();
        // A byte order mark is left where files were joined.
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
