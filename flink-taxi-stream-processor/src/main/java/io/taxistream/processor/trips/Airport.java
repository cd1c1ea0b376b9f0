package io.taxistream.processor.trips;

import java.io.Serializable;
import java.util.regex.Pattern;

/**
 * An airport whose trips are averaged.
 *
 * @param code IATA code; part of document ids
 * @param bounds area in which a drop-off makes a trip one to the airport
 */
public record Airport(String code, GeoBox bounds) implements Serializable {

    private static final Pattern CODE = Pattern.compile("[A-Z0-9]{1,8}");

    /** @throws IllegalArgumentException if the code is not 1 to 8 capital letters and digits */
    public Airport {
        if (!CODE.matcher(code).matches()) {
            throw new IllegalArgumentException(
                    "airport code is '" + code + "'; it must be 1 to 8 capital letters and digits, such as JFK");
        }
    }

    /** Returns the code and the bounds, separated by an equals sign. */
    @Override
    public String toString() {
        return code + "=" + bounds;
    }
}
