package io.taxistream.processor.trips;

import java.io.Serializable;

/**
 * An airport that trips go to.
 *
 * @param code IATA code
 * @param bounds a drop-off in here is a trip to the airport
 */
public record Airport(String code, GeoBox bounds) implements Serializable {}
