package io.taxistream.processor;

import io.taxistream.processor.trips.Airport;
import io.taxistream.processor.trips.AnalysisOptions;
import io.taxistream.processor.trips.AnalysisOptions.TimeCharacteristic;
import io.taxistream.processor.trips.GeoBox;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Command-line options of the analysis; their defaults are {@link AnalysisOptions#DEFAULTS}. */
final class AnalysisArguments {

    private static final AnalysisOptions DEFAULTS = AnalysisOptions.DEFAULTS;

    @Option(
            names = "--noeventtime",
            description = "assign trips to windows by processing time instead of by their drop-off and the"
                    + " stream's watermarks")
    private boolean processingTime;

    @Option(
            names = "--window",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "length of the windows, such as 10m, 30s or 1h, aligned to the epoch (default: 10m)")
    private Duration windowLength = DEFAULTS.windowLength();

    @Option(
            names = "--allowed-lateness",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description =
                    "how long after a window's end, in event time, late trips still update its documents (default:"
                            + " 0s)")
    private Duration allowedLateness = DEFAULTS.allowedLateness();

    @Option(
            names = "--geohash-precision",
            paramLabel = "CHARACTERS",
            description = "length of a cell's geohash, 1 to 12; 6 is about 1.2 km by 0.6 km (default: 6)")
    private int geohashPrecision = DEFAULTS.geohashPrecision();

    @Option(names = "--min-trips", paramLabel = "COUNT", description = "leave out results of fewer trips (default: 2)")
    private int minTrips = DEFAULTS.minTrips();

    @Option(
            names = "--max-trip-duration",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "leave out longer trips as implausible (default: 6h)")
    private Duration maxTripDuration = DEFAULTS.maxTripDuration();

    @Option(
            names = "--service-area",
            paramLabel = "S,N,W,E",
            converter = BoxConverter.class,
            description = "southern, northern, western and eastern bound in degrees; trips that do not begin and end"
                    + " inside are left out (default: 40.40,41.15,-74.55,-73.45)")
    private GeoBox serviceArea = DEFAULTS.serviceArea();

    @Option(
            names = "--airport",
            paramLabel = "CODE=S,N,W,E",
            converter = AirportConverter.class,
            description = "airport to average trip durations for; may be repeated, and replaces the defaults (default:"
                    + " JFK=40.6200,40.6650,-73.8220,-73.7450 and LGA=40.7665,40.7880,-73.8900,-73.8550)")
    private List<Airport> airports;

    /** @throws IllegalArgumentException if a value is out of range; the message starts with the option's name */
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
                    Optional.ofNullable(airports).orElse(DEFAULTS.airports()));
        } catch (IllegalArgumentException e) {
            // messages start with the name of the option
            throw new IllegalArgumentException("--" + e.getMessage(), e);
        }
    }

    private static final class BoxConverter implements ITypeConverter<GeoBox> {
        @Override
        public GeoBox convert(String value) {
            String[] bounds = value.split(",", -1);
            if (bounds.length != 4) {
                throw new TypeConversionException(
                        "'" + value + "' must be an area such as 40.40,41.15,-74.55,-73.45 (south, north, west, east)");
            }
            try {
                return new GeoBox(
                        Double.parseDouble(bounds[0]),
                        Double.parseDouble(bounds[1]),
                        Double.parseDouble(bounds[2]),
                        Double.parseDouble(bounds[3]));
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + value + "' must be four numbers of degrees");
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class AirportConverter implements ITypeConverter<Airport> {
        @Override
        public Airport convert(String value) {
            int separator = value.indexOf('=');
            if (separator < 0) {
                throw new TypeConversionException(
                        "'" + value
                                + "' must be an airport such as JFK=40.6200,40.6650,-73.8220,-73.7450 (south, north, west, east)");
            }
            try {
                return new Airport(
                        value.substring(0, separator), new BoxConverter().convert(value.substring(separator + 1)));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
