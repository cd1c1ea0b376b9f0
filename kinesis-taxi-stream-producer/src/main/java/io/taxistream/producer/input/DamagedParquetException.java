package io.taxistream.producer.input;

import java.io.IOException;

/** Thrown if a part of a Parquet file cannot be read; the message gives the part, its position and the cause. */
public final class DamagedParquetException extends IOException {

    public DamagedParquetException(String message, Throwable cause) {
        super(message, cause);
    }
}
