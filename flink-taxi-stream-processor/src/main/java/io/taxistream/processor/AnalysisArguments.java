package io.taxistream.processor;

import io.taxistream.commandline.Accepts;
import io.taxistream.commandline.UsageException;
import io.taxistream.processor.trips.Airport;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import io.taxistream.processor.trips.GeoBox;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Option;

/** Command-line options of the analysis; their defaults are {@link AnalysisOptions#DEFAULTS}. */
final class AnalysisArguments {

    private static final AnalysisOptions DEFAULTS = AnalysisOptions.DEFAULTS;

    @Option(
            names = "--noeventtime",
            description = "Assign trips to windows by processing time instead of drop-off time, and ignore the"
                    + " watermarks in the stream.")
    private boolean processingTime;

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            description = "Window length, such as 10m, 30s or 1h. Windows are aligned to the epoch.")
    @Accepts(from = "1s", to = "24h")
    private Duration windowLength = DEFAULTS.windowLength();

    @Option(
            names = "--allowed-lateness",
            paramLabel = "DURATION",
            description = "How long after the end of a window, in event time, late trips still update its documents.")
    @Accepts(from = "0s", to = ProcessorCommand.YEAR)
    private Duration allowedLateness = DEFAULTS.allowedLateness();

    @Option(
            names = "--geohash-precision",
            paramLabel = "CHARACTERS",
            description = "Geohash precision of the cells; 6 is about 1.2 km by 0.6 km.")
    @Accepts(from = "1", to = "12")
    private int geohashPrecision = DEFAULTS.geohashPrecision();

    @Option(names = "--min-trips", paramLabel = "COUNT", description = "Minimum number of trips in a result.")
    @Accepts(from = "1", to = "1000000")
    private int minTrips = DEFAULTS.minTrips();

    @Option(
            names = "--max-trip-duration",
            paramLabel = "DURATION",
            description = "Maximum trip duration. Longer trips are excluded as implausible.")
    @Accepts(from = "1ms", to = ProcessorCommand.YEAR)
    private Duration maxTripDuration = DEFAULTS.maxTripDuration();

    @Option(
            names = "--service-area",
            paramLabel = "S,N,W,E",
            description = "Southern, northern, western and eastern bound in degrees. Trips that start or end outside"
                    + " are excluded.")
    @Accepts("four bounds in degrees, south,north,west,east, such as 40.40,41.15,-74.55,-73.45")
    private GeoBox serviceArea = DEFAULTS.serviceArea();

    @Option(
            names = "--airport",
            paramLabel = "CODE=S,N,W,E",
            description = "Airport to average trip durations for. Repeatable; replaces the defaults.")
    @Accepts("1 to 8 capital letters and digits, an equals sign and four bounds in degrees,"
            + " such as JFK=40.6200,40.6650,-73.8220,-73.7450")
    private List<Airport> airports = DEFAULTS.airports();

    /** @throws UsageException if two airports have the same code or overlap */
    AnalysisOptions options() {
        try {
            return new AnalysisOptions(
                    processingTime ? TimeCharacteristic.PROCESSING_TIME : TimeCharacteristic.EVENT_TIME,
                    windowLength,
                    allowedLateness,
                    geohashPrecision,
                    minTrips,
                    maxTripDuration,
                    serviceArea,
                    airports);
        } catch (IllegalArgumentException e) {
            // the message starts with the name of the option
            throw new UsageException("--" + e.getMessage(), e);
        }
    }

    static GeoBox box(String value) {
        double[] bounds = Arrays.stream(value.split(",", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
        if (bounds.length != 4) {
            throw new IllegalArgumentException("an area has four bounds");
        }
        return new GeoBox(bounds[0], bounds[1], bounds[2], bounds[3]);
    }

    static Airport airport(String value) {
        String[] parts = value.split("=", 2);
        return new Airport(parts[0], box(parts[1]));
    }
}
