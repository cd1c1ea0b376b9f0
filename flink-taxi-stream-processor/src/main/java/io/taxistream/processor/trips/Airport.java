package io.taxistream.processor.trips;

import java.io.Serializable;
import java.util.regex.Pattern;

/**
 * An airport that trips go to.
 *
 * @param code IATA code, part of the ids of documents
 * @param bounds a drop-off in here is a trip to the airport
 */
public record Airport(String code, GeoBox bounds) implements Serializable {

    private static final Pattern CODE = Pattern.compile("[A-Z0-9]{1,8}");

    /** @throws IllegalArgumentException if the code is not made of capital letters and digits */
    public Airport {
        if (!CODE.matcher(code).matches()) {
            throw new IllegalArgumentException("'" + code + "' is no airport code such as JFK");
        }
    }
}
