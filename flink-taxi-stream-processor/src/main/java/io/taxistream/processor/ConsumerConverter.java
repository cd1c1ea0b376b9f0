package io.taxistream.processor;

import io.taxistream.eventtime.source.ConsumerType;
import io.taxistream.eventtime.source.EnhancedFanOut;
import io.taxistream.eventtime.source.Polling;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses how shards are read: {@code polling}, {@code efo} or {@code efo:NAME}. */
final class ConsumerConverter implements ITypeConverter<ConsumerType> {

    private static final String DEFAULT_NAME = "taxi-stream-processor";
    private static final String FAN_OUT = "efo";

    @Override
    public ConsumerType convert(String value) {
        if (value.equals("polling")) {
            return new Polling();
        }
        if (!value.equals(FAN_OUT) && !value.startsWith(FAN_OUT + ":")) {
            throw new TypeConversionException("'" + value + "' must be polling, efo or efo:NAME");
        }
        try {
            return EnhancedFanOut.named(value.equals(FAN_OUT) ? DEFAULT_NAME : value.substring(FAN_OUT.length() + 1));
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
