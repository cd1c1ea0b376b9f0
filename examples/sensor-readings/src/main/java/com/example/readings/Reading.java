package com.example.readings;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;

/** A reading of a sensor. In the stream it is a line such as {@code kitchen,1451624400000,21.5}. */
public record Reading(String sensor, long timeMillis, double celsius) {

    byte[] toBytes() {
        return (sensor + "," + timeMillis + "," + celsius).getBytes(UTF_8);
    }

    /** Parses the output of {@link #toBytes}. */
    static final class Schema extends AbstractDeserializationSchema<Reading> {

        @Override
        public Reading deserialize(byte[] bytes) throws IOException {
            String[] fields = new String(bytes, UTF_8).split(",", -1);
            return new Reading(fields[0], Long.parseLong(fields[1]), Double.parseDouble(fields[2]));
        }
    }
}
